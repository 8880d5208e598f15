import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { verifyWebhook } from '../../../receiver/index.ts';
import type { VerifyOptions, VerifyResult } from '../../../receiver/index.ts';
import vector from '../../vectors/seed-call-completed.json';
import {
  BODY,
  OTHER_SECRET,
  PLAIN_SECRET,
  secondsLater,
  SECRET,
  SENT_AT_SECONDS,
  signedRequest,
  WEBHOOK_ID,
} from './signed-request.ts';

const onTime: VerifyOptions = { now: secondsLater(1) };

/** Calls verifyWebhook the way untyped JavaScript can. */
const verifyAnything = verifyWebhook as (...given: unknown[]) => VerifyResult;

/** As Fetch's arrayBuffer() gives one where this module was loaded in a context of its own. */
function foreignArrayBuffer(text: string): unknown {
  return runInNewContext('Uint8Array.from(bytes).buffer', { bytes: [...Buffer.from(text)] });
}

function without(headers: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

describe('a good request', () => {
  const { body, headers } = signedRequest();
  const accepted = {
    ok: true,
    scheme: 'standard',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1614265330,
    event: 'call.completed',
    payload: JSON.parse(BODY) as unknown,
  };

  it.each([
    ['text', body],
    ['a Buffer', Buffer.from(body)],
    ['a Uint8Array', new TextEncoder().encode(body)],
    ['a part of a larger buffer', Buffer.from(`xx${body}xx`).subarray(2, -2)],
    ['an ArrayBuffer', new TextEncoder().encode(body).buffer],
    ['an ArrayBuffer of another realm', foreignArrayBuffer(body)],
  ])('is accepted with the body as %s', (_kind, rawBody) => {
    expect(verifyAnything(rawBody, headers, SECRET, onTime)).toEqual(accepted);
  });

  it.each([
    ["node's lower-case headers", headers],
    ['a Fetch Headers', new Headers(headers)],
    ['a Map', new Map(Object.entries(headers))],
    [
      'upper-case names',
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    ],
    ['one-entry arrays', Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))],
    ['an object without prototype', Object.assign(Object.create(null) as object, headers)],
    ['other headers beside', { ...headers, host: 'crm.example.com', 'set-cookie': ['a=1', 'b=2'], te: undefined }],
    ['no X-TopCalls-Signature', without(headers, 'x-topcalls-signature')],
  ])('is accepted with %s', (_kind, given) => {
    expect(verifyAnything(body, given, SECRET, onTime)).toEqual(accepted);
  });

  it('is accepted with text beyond ASCII', () => {
    const request = signedRequest({ body: '{"call_summary":"Grüße 👋","event":"call.completed"}' });
    expect(verifyWebhook(request.body, request.headers, SECRET, onTime)).toMatchObject({ ok: true });
    expect(verifyWebhook(Buffer.from(request.body), request.headers, SECRET, onTime)).toMatchObject({ ok: true });
  });

  it('is judged by the real clock unless told otherwise', () => {
    const request = signedRequest({ sentAtSeconds: Math.floor(Date.now() / 1000) });
    expect(verifyWebhook(request.body, request.headers, SECRET)).toMatchObject({ ok: true });
    expect(verifyWebhook(body, headers, SECRET)).toMatchObject({ ok: false, code: 'timestamp_too_old' });
  });
});

describe('the golden vector', () => {
  it('is accepted with all its headers, and its event read from status', () => {
    const headers = {
      'x-topcalls-signature': vector['x-topcalls-signature'],
      'webhook-id': vector['webhook-id'],
      'webhook-timestamp': vector['webhook-timestamp'],
      'webhook-signature': vector['webhook-signature'],
    };
    expect(verifyWebhook(vector.body, headers, vector.secret, onTime)).toMatchObject({
      ok: true,
      scheme: 'standard',
      id: vector['webhook-id'],
      event: 'call.completed',
    });
  });
});

describe('the event', () => {
  const eventIn = (payload: unknown): unknown => {
    const { body, headers } = signedRequest({ body: JSON.stringify(payload) });
    const result = verifyWebhook(body, { ...headers, 'x-topcalls-event': 'webhook.test' }, SECRET, onTime);
    return result.ok ? result.event : result.code;
  };

  it('is read from the signed body, never from X-TopCalls-Event', () => {
    expect(eventIn({ event: 'campaign.started' })).toBe('campaign.started');
  });

  it('may be one this version does not know', () => {
    expect(eventIn({ event: 'call.transferred' })).toBe('call.transferred');
  });

  it("is decided by status where a call's body names none, as in the vendor's sample", () => {
    expect(eventIn({ call_id: 'c1', status: 'completed' })).toBe('call.completed');
    expect(eventIn({ call_id: 'c1', status: 'failed' })).toBe('call.failed');
  });

  it.each([
    [{}],
    [{ event: '' }],
    [{ event: 7, call_id: 'c1', status: 'completed' }],
    [{ event: null, call_id: 'c1', status: 'completed' }],
    [{ status: 'completed' }],
    [{ call_id: 'c1', status: 'ringing' }],
    [{ call_id: 'c1', call_status: 'completed' }],
  ])('is missing from %j', (payload) => {
    expect(eventIn(payload)).toBe('event_missing');
  });

  it.each(['[]', '"text"', 'null', '1', '{"event":', 'event=call.completed'])('needs a JSON object, not %s', (body) => {
    const request = signedRequest({ body });
    expect(verifyWebhook(request.body, request.headers, SECRET, onTime)).toMatchObject({ code: 'body_not_json' });
  });
});

describe('the tolerance', () => {
  const { body, headers } = signedRequest();
  const verdictAfter = (seconds: number, options: VerifyOptions = {}): string => {
    const result = verifyWebhook(body, headers, SECRET, { ...options, now: secondsLater(seconds) });
    return result.ok ? 'ok' : result.code;
  };

  it('is 300 seconds each way, the edge included', () => {
    expect(verdictAfter(300)).toBe('ok');
    expect(verdictAfter(301)).toBe('timestamp_too_old');
    expect(verdictAfter(-300)).toBe('ok');
    expect(verdictAfter(-301)).toBe('timestamp_too_new');
  });

  it('can be set', () => {
    expect(verdictAfter(10, { toleranceSeconds: 10 })).toBe('ok');
    expect(verdictAfter(11, { toleranceSeconds: 10 })).toBe('timestamp_too_old');
    expect(verdictAfter(0, { toleranceSeconds: 0 })).toBe('ok');
    expect(verdictAfter(-1, { toleranceSeconds: 0 })).toBe('timestamp_too_new');
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '300', null, {}])('is never %p', (toleranceSeconds) => {
    expect(verifyAnything(body, headers, SECRET, { toleranceSeconds })).toMatchObject({ code: 'bad_option' });
  });

  it.each([[1614265330000], [() => Number.NaN], [() => new Date()], ['now']])('takes no clock like %p', (now) => {
    expect(verifyAnything(body, headers, SECRET, { now })).toMatchObject({ code: 'bad_option' });
  });

  it('says "too old" only of a request whose signature holds', () => {
    const forged = { ...headers, 'webhook-signature': `v1,${'A'.repeat(43)}=` };
    expect(verifyWebhook(body, forged, SECRET, { now: secondsLater(9999) })).toMatchObject({
      code: 'signature_mismatch',
    });
  });
});

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

describe('the secrets', () => {
  const { body, headers } = signedRequest();
  const verdict = (secrets: unknown, given = headers): string => {
    const result = verifyAnything(body, given, secrets, onTime);
    return result.ok ? 'ok' : result.code;
  };

  it.each([[''], [undefined], [null], [[]], [['']], [[undefined, '']]])('are missing in %j', (secrets) => {
    expect(verdict(secrets)).toBe('missing_secret');
  });

  it.each([
    [PLAIN_SECRET],
    [`${SECRET}\n`],
    [SECRET.slice('whsec_'.length)],
    ['whsec_'],
    ['whsec_c2hvcnQ='],
    [7],
    [{}],
    [[SECRET, 7]],
    [Buffer.from(SECRET)],
  ])('are bad in %j', (secrets) => {
    expect(verdict(secrets)).toBe('bad_secret');
  });

  it("do not match when they are another endpoint's", () => {
    expect(verdict(OTHER_SECRET)).toBe('signature_mismatch');
    expect(verdict([OTHER_SECRET])).toBe('signature_mismatch');
  });

  it('may be several, in any order, with empty places', () => {
    expect(verdict([OTHER_SECRET, SECRET])).toBe('ok');
    expect(verdict([SECRET, OTHER_SECRET])).toBe('ok');
    expect(verdict([SECRET, '', undefined])).toBe('ok');
    expect(verdict([PLAIN_SECRET, SECRET])).toBe('ok');
  });
});

describe('a rotation', () => {
  const rotating = signedRequest({ current: OTHER_SECRET, previous: [SECRET] });

  it.each([
    ['the old secret', SECRET],
    ['the new secret', OTHER_SECRET],
    ['both, new first', [OTHER_SECRET, SECRET]],
    ['both, old first', [SECRET, OTHER_SECRET]],
  ])('is accepted by a receiver that holds %s', (_held, secrets) => {
    expect(verifyWebhook(rotating.body, rotating.headers, secrets, onTime)).toMatchObject({ ok: true });
  });

  it('lets a receiver change first', () => {
    const before = signedRequest();
    expect(verifyWebhook(before.body, before.headers, [OTHER_SECRET, SECRET], onTime)).toMatchObject({ ok: true });
  });

  it('still refuses a wrong X-TopCalls-Signature to whoever holds the current secret', () => {
    const headers = { ...rotating.headers, 'x-topcalls-signature': 'a'.repeat(64) };
    expect(verifyWebhook(rotating.body, headers, [OTHER_SECRET, SECRET], onTime)).toMatchObject({
      code: 'signature_mismatch',
    });
  });

  it('still refuses a changed body to a receiver that holds only the old secret', () => {
    expect(verifyWebhook(`${rotating.body} `, rotating.headers, SECRET, onTime)).toMatchObject({
      code: 'signature_mismatch',
    });
  });
});

describe('a body-only signature', () => {
  const { body, headers } = signedRequest({ current: PLAIN_SECRET });

  it('is refused unless it is allowed, and the fix names the option', () => {
    expect(verifyWebhook(body, headers, PLAIN_SECRET, onTime)).toMatchObject({
      code: 'missing_header',
      fix: expect.stringContaining('allowBodyOnlySignature'),
    });
  });

  it('is accepted where it is allowed, without the id and time that nothing signed', () => {
    expect(verifyWebhook(body, headers, PLAIN_SECRET, { allowBodyOnlySignature: true })).toEqual({
      ok: true,
      scheme: 'body-only',
      event: 'call.completed',
      payload: JSON.parse(BODY) as unknown,
    });
  });

  it.each(['true', 'false', 1, {}])('is not allowed by %p', (allowBodyOnlySignature) => {
    expect(verifyAnything(body, headers, PLAIN_SECRET, { ...onTime, allowBodyOnlySignature })).toMatchObject({
      code: 'missing_header',
    });
  });

  it('matches any of several secrets', () => {
    const options = { allowBodyOnlySignature: true };
    expect(verifyWebhook(body, headers, [SECRET, PLAIN_SECRET], options)).toMatchObject({ ok: true });
    expect(verifyWebhook(body, headers, [SECRET, OTHER_SECRET], options)).toMatchObject({ code: 'signature_mismatch' });
  });

  it('is refused when it is missing, malformed or over another body', () => {
    const verdict = (rawBody: string, signature: string | undefined): unknown =>
      verifyAnything(rawBody, { ...headers, 'x-topcalls-signature': signature }, PLAIN_SECRET, {
        allowBodyOnlySignature: true,
      });
    expect(verdict(body, undefined)).toMatchObject({ code: 'missing_header' });
    expect(verdict(body, 'abc')).toMatchObject({ code: 'signature_malformed' });
    expect(verdict(`${body} `, headers['x-topcalls-signature'])).toMatchObject({ code: 'signature_mismatch' });
  });

  it('does not stand in for the timestamped scheme once its headers are stripped', () => {
    const full = signedRequest();
    const stripped = without(full.headers, 'webhook-id', 'webhook-timestamp', 'webhook-signature');
    expect(verifyWebhook(full.body, stripped, SECRET, onTime)).toMatchObject({ code: 'missing_header' });
  });

  it('does not switch off the clock where the timestamped scheme is there', () => {
    const full = signedRequest();
    expect(
      verifyWebhook(full.body, full.headers, SECRET, { allowBodyOnlySignature: true, now: secondsLater(301) }),
    ).toMatchObject({ code: 'timestamp_too_old' });
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
