import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { HEADERS } from '../../../contract/headers.ts';
import { EmptySecretError, generateSecret } from '../../../signature/secret.ts';
import { signatureHeaders } from '../../../signature/sign.ts';
import type { SignatureRequest } from '../../../signature/sign.ts';
import vector from '../../vectors/seed-call-completed.json';
import { verifyWebhookSignature } from './vendor-verifier.ts';

const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

/** A request that the libraries accept now: they know only the real clock. */
function freshRequest(changes: Partial<SignatureRequest> = {}): SignatureRequest {
  return {
    webhookId: vector['webhook-id'],
    timestampSeconds: Math.floor(Date.now() / 1000),
    body: vector.body,
    secrets: { current: vector.secret },
    ...changes,
  };
}

describe('the golden vector', () => {
  const vectorRequest = freshRequest({ timestampSeconds: Number(vector['webhook-timestamp']) });

  it('holds the body its checksum promises', () => {
    expect(Buffer.byteLength(vector.body)).toBe(vector.bodyBytes);
    expect(createHash('sha256').update(vector.body).digest('hex')).toBe(vector.bodySha256);
  });

  it('is signed byte for byte', () => {
    expect(signatureHeaders(vectorRequest)).toEqual({
      standard: true,
      headers: {
        'X-TopCalls-Signature': '9d9511cba1936884d0ad44edbf0abb8d80f4b8fa7bb5817771e249f1da767b0b',
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,jdthI7g2pjYCLrVV86ULyLJKthQgBDS/Dt4x+AQSgYU=',
      },
    });
  });

  it('says the same as the checked-in file', () => {
    expect(signatureHeaders(vectorRequest).headers).toEqual({
      'X-TopCalls-Signature': vector['x-topcalls-signature'],
      'webhook-id': vector['webhook-id'],
      'webhook-timestamp': vector['webhook-timestamp'],
      'webhook-signature': vector['webhook-signature'],
    });
  });
});

describe('signatureHeaders', () => {
  it('sends the headers that receivers look for', () => {
    const sent = Object.keys(signatureHeaders(freshRequest()).headers).map((name) => name.toLowerCase());
    expect(sent.sort()).toEqual([HEADERS.id, HEADERS.signature, HEADERS.timestamp, HEADERS.legacySignature]);
  });

  it("is accepted by the vendor page's verifier after express has parsed the body", () => {
    const { headers } = signatureHeaders(freshRequest());
    const parsedByExpress: unknown = JSON.parse(vector.body);
    expect(verifyWebhookSignature(parsedByExpress, headers['X-TopCalls-Signature'], vector.secret)).toBe(true);
  });

  it.each([StandardWebhook, SvixWebhook])('is accepted by the npm libraries (%p)', (Webhook) => {
    const { headers } = signatureHeaders(freshRequest());
    expect(new Webhook(vector.secret).verify(vector.body, { ...headers })).toEqual(JSON.parse(vector.body));
  });

  it('signs text beyond ASCII as UTF-8', () => {
    const body = '{"call_summary":"Grüße, 你好, 👋"}';
    const { headers } = signatureHeaders(freshRequest({ body }));
    expect(new StandardWebhook(vector.secret).verify(body, { ...headers })).toEqual(JSON.parse(body));
    expect(verifyWebhookSignature(JSON.parse(body), headers['X-TopCalls-Signature'], vector.secret)).toBe(true);
  });

  it('takes a generated secret', () => {
    const current = generateSecret();
    const { headers } = signatureHeaders(freshRequest({ secrets: { current } }));
    expect(new SvixWebhook(current).verify(vector.body, { ...headers })).toEqual(JSON.parse(vector.body));
  });

  it('drops a fraction of a second from the timestamp', () => {
    const { headers } = signatureHeaders(freshRequest({ timestampSeconds: 1614265330.9 }));
    expect(headers['webhook-signature']).toBe(vector['webhook-signature']);
  });
});

describe('a rotation', () => {
  const rotating = freshRequest({ secrets: { current: OTHER_SECRET, previous: [vector.secret] } });

  it.each([
    ['standardwebhooks', 'new', StandardWebhook, OTHER_SECRET],
    ['standardwebhooks', 'old', StandardWebhook, vector.secret],
    ['svix', 'new', SvixWebhook, OTHER_SECRET],
    ['svix', 'old', SvixWebhook, vector.secret],
  ])('is accepted by %s with the %s secret', (_library, _age, Webhook, secret) => {
    const { headers } = signatureHeaders(rotating);
    expect(new Webhook(secret).verify(vector.body, { ...headers })).toEqual(JSON.parse(vector.body));
  });

  it('puts the current secret first', () => {
    const timestampSeconds = 1614265330;
    const { headers } = signatureHeaders({
      ...rotating,
      timestampSeconds,
      secrets: { current: vector.secret, previous: [OTHER_SECRET] },
    });
    expect(headers['webhook-signature']?.split(' ')[0]).toBe(vector['webhook-signature']);
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
  });

  it('signs X-TopCalls-Signature with the current secret only', () => {
    const signature = signatureHeaders(rotating).headers['X-TopCalls-Signature'];
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
    expect(verifyWebhookSignature(JSON.parse(vector.body), signature, OTHER_SECRET)).toBe(true);
    expect(verifyWebhookSignature(JSON.parse(vector.body), signature, vector.secret)).toBe(false);
  });

  it('passes over previous secrets of another form, empty ones and repeated ones', () => {
    const previous = ['old-plain-secret', '', vector.secret];
    const { headers, standard } = signatureHeaders(
      freshRequest({ timestampSeconds: 1614265330, secrets: { current: vector.secret, previous } }),
    );
    expect(standard).toBe(true);
    expect(headers['webhook-signature']).toBe(vector['webhook-signature']);
  });
});

describe('a current secret of another form', () => {
  it('gives X-TopCalls-Signature only, and says so', () => {
    const { headers, standard } = signatureHeaders(freshRequest({ secrets: { current: 'plain secret' } }));
    expect(standard).toBe(false);
    expect(headers).not.toHaveProperty('webhook-signature');
    expect(verifyWebhookSignature(JSON.parse(vector.body), headers['X-TopCalls-Signature'], 'plain secret')).toBe(true);
  });

  it('does not let a previous secret sign the timestamped scheme alone', () => {
    const secrets = { current: 'plain secret', previous: [vector.secret] };
    expect(signatureHeaders(freshRequest({ secrets })).headers).not.toHaveProperty('webhook-signature');
  });

  it('is never the empty secret', () => {
    expect(() => signatureHeaders(freshRequest({ secrets: { current: '' } }))).toThrow(EmptySecretError);
  });
});
