/** A request that was damaged on its way is refused, with a fix for whoever reads the log. */
import { describe, expect, it } from '@jest/globals';
import { verifyWebhook } from '../../../receiver/index.ts';
import vector from '../../vectors/seed-call-completed.json';
import { BODY, OTHER_SECRET, SECRET, SENT_AT_SECONDS, signedRequest, WEBHOOK_ID } from './signed-request.ts';
import { onTime, verifyAnything, without } from './verify-anything.ts';

describe('a damaged request', () => {
  const { body, headers } = signedRequest();
  const verdict = (rawBody: unknown, changes: Record<string, unknown>, options: object = {}): string => {
    const result = verifyAnything(rawBody, { ...headers, ...changes }, SECRET, { ...onTime, ...options });
    return result.ok ? 'ok' : result.code;
  };

  it('is refused with one byte of the body changed', () => {
    expect(verdict(body.replace('2.5', '2.6'), {})).toBe('signature_mismatch');
  });

  it('is refused with a body that was parsed and stringified with blanks', () => {
    expect(verdict(JSON.stringify(JSON.parse(body), null, 2), {})).toBe('signature_mismatch');
  });

  it('is refused with another id or another time', () => {
    expect(verdict(body, { 'webhook-id': 'msg_other' })).toBe('signature_mismatch');
    expect(verdict(body, { 'webhook-timestamp': '1614265331' })).toBe('signature_mismatch');
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
    'is refused without %s, which the fix names',
    (name) => {
      const result = verifyWebhook(body, without(headers, name), SECRET, onTime);
      expect(result).toMatchObject({ ok: false, code: 'missing_header', fix: expect.stringContaining(name) });
      expect(verdict(body, { [name]: '' })).toBe('missing_header');
      expect(verdict(body, { [name]: 7 })).toBe('missing_header');
    },
  );

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-topcalls-signature'])(
    'is refused with two values of %s, even equal ones',
    (name) => {
      expect(verdict(body, { [name]: [headers[name], headers[name]] })).toBe('duplicate_header');
      expect(verdict(body, { [name.toUpperCase()]: headers[name] })).toBe('duplicate_header');
    },
  );

  it.each(['abc', '-1', '1e9', '0', '01614265330', '1614265330.5', ' 1614265330', '16142653300000000', 'NaN', '１６'])(
    'is refused with the timestamp %j',
    (timestamp) => {
      expect(verdict(body, { 'webhook-timestamp': timestamp })).toBe('timestamp_invalid');
    },
  );

  it.each(['v1', 'v1,', 'v2,abc', 'garbage', `v1,${'A'.repeat(44)}`, `${vector['webhook-signature']},`])(
    'is refused with the signature %j',
    (signature) => {
      expect(verdict(body, { 'webhook-signature': signature })).toBe('signature_malformed');
    },
  );

  it('is refused where X-TopCalls-Signature does not hold beside a good webhook-signature', () => {
    expect(verdict(body, { 'x-topcalls-signature': 'a'.repeat(64) })).toBe('signature_mismatch');
    expect(verdict(body, { 'x-topcalls-signature': 'abc' })).toBe('signature_malformed');
  });

  it('is refused where webhook-signature does not hold beside a good X-TopCalls-Signature, whatever is allowed', () => {
    const wrong = { 'webhook-signature': `v1,${'A'.repeat(43)}=` };
    expect(verdict(body, wrong)).toBe('signature_mismatch');
    expect(verdict(body, wrong, { allowBodyOnlySignature: true })).toBe('signature_mismatch');
  });

  it('is refused with headers of another kind', () => {
    for (const given of [
      undefined,
      null,
      'webhook-id: 1',
      7,
      Object.entries(headers),
      Object.entries(headers).flat(),
      { headers, body },
      new Request('https://crm.example.com/', { headers }),
    ]) {
      expect(verifyAnything(body, given, SECRET, onTime)).toMatchObject({ code: 'headers_not_read' });
    }
  });
});

describe('a body that is not raw', () => {
  it.each([
    ['a parsed object', JSON.parse(BODY)],
    ['the {} of a parser that did not match', {}],
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['an empty buffer', Buffer.alloc(0)],
    ['a promise of text', Promise.resolve(BODY)],
    ['an array of bytes', [123, 125]],
    ['a number', 7],
  ])('is refused when it is %s, with a fix that names express.raw and text()', (_kind, rawBody) => {
    expect(verifyAnything(rawBody, signedRequest().headers, SECRET, onTime)).toEqual({
      ok: false,
      code: 'body_not_raw',
      fix: expect.stringMatching(/express\.raw\(.*express\.text\(.*request\.text\(\)/),
    });
  });
});

describe('a fix', () => {
  it('is one sentence that carries neither the secret nor anything of the request', () => {
    const { body, headers } = signedRequest();
    const rejections = [
      verifyWebhook(body, headers, OTHER_SECRET, onTime),
      verifyWebhook(body, { ...headers, 'webhook-timestamp': '77x77' }, SECRET, onTime),
      verifyWebhook(body, headers, 'hunter2', onTime),
      verifyWebhook(body, headers, SECRET),
      verifyWebhook('', headers, SECRET),
    ];
    for (const rejection of rejections) {
      const fix = rejection.ok ? '' : rejection.fix;
      expect(fix).toMatch(/^[^.].*\.$/);
      for (const secretText of [OTHER_SECRET, SECRET, 'hunter2', '77x77', WEBHOOK_ID, String(SENT_AT_SECONDS)]) {
        expect(fix).not.toContain(secretText);
      }
    }
  });
});
