/** The receiver with any input: nothing throws, and nothing unsigned passes. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { receive, verifyWebhook } from '../../../receiver/index.ts';
import type { ReceiverRequest, VerifyResult } from '../../../receiver/index.ts';
import { HEADERS } from '../../../contract/headers.ts';
import { SECRET, signedRequest } from './signed-request.ts';

const verifyAnything = verifyWebhook as (...given: unknown[]) => VerifyResult;

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  maxDepth: 2,
});

const text = fc.string({ unit: 'binary' });
const headerName = fc.constantFrom(...Object.values(HEADERS), 'Webhook-Id', 'X-TopCalls-Signature', 'get', '__proto__');
const headerValue = fc.oneof(text, fc.constantFrom('v1,', `v1,${'A'.repeat(43)}=`, 'a'.repeat(64), '1'), anything);
const anyHeaders = fc.oneof(fc.dictionary(headerName, headerValue), anything);
const anyBody = fc.oneof(text, fc.uint8Array(), fc.json(), anything);
const anySecrets = fc.oneof(
  text,
  fc.constant(SECRET),
  fc.array(fc.oneof(text, fc.constant(SECRET), anything)),
  anything,
);
const anyOptions = fc.oneof(
  fc.record(
    {
      toleranceSeconds: fc.oneof(fc.double(), anything),
      allowBodyOnlySignature: fc.oneof(fc.boolean(), anything),
      now: fc.oneof(
        fc.constant(() => 1614265330000),
        fc.func(anything),
        anything,
      ),
    },
    { requiredKeys: [] },
  ),
  anything,
);

const fail = (): never => {
  // A careless catch fails on a thrown null.
  throw null;
};

/** Not arbitraries: fast-check looks at its values itself. */
const HOSTILE: readonly unknown[] = [
  new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail }),
  new Proxy([], { get: fail, has: fail }),
  Proxy.revocable([], {}).proxy,
  { get: fail, now: fail },
  Object.defineProperty({}, 'webhook-id', { get: fail, enumerable: true }),
  Object.defineProperty(['x'], 0, { get: fail }),
  Object.defineProperty(new Uint8Array(1), 'buffer', { get: fail }),
  Object.defineProperty({}, 'toleranceSeconds', { get: fail }),
];

describe('verifyWebhook, given anything', () => {
  it('never throws, and accepts nothing that was not signed', () => {
    fc.assert(
      fc.property(anyBody, anyHeaders, anySecrets, anyOptions, (body, headers, secrets, options) => {
        const result = verifyAnything(body, headers, secrets, options);
        expect(result).toEqual({ ok: false, code: expect.any(String), fix: expect.any(String) });
      }),
      { numRuns: 10_000 },
    );
  });

  it('never throws on a good request with one part replaced', () => {
    fc.assert(
      fc.property(fc.nat(3), anything, (part, replacement) => {
        const { body, headers } = signedRequest();
        const given: unknown[] = [body, headers, SECRET, { now: () => 1614265330000 }];
        given[part] = replacement;
        expect(typeof verifyAnything(...given).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['body', 'headers', 'secret', 'options'])('never throws on a %s that throws when it is looked at', (part) => {
    const { body, headers } = signedRequest();
    const good: Record<string, unknown> = { body, headers, secret: SECRET, options: { now: () => 1614265330000 } };
    for (const hostile of HOSTILE) {
      const given = Object.values({ ...good, [part]: hostile });
      expect(verifyAnything(...given)).toMatchObject({ ok: false, code: expect.any(String) });
    }
  });

  it('never throws on no arguments at all', () => {
    expect(verifyAnything()).toMatchObject({ ok: false, code: 'body_not_raw' });
  });
});

describe('a receiver, given anything', () => {
  const receiver = receive({ secret: SECRET, on: () => undefined, log: () => undefined });

  it('answers, and accepts nothing that was not signed', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, anyHeaders, async (body, headers) => {
        const answer = await receiver.answer({ body, headers } as ReceiverRequest);
        expect(answer).toEqual({
          status: expect.any(Number),
          headers: expect.any(Object),
          body: expect.any(String),
          code: expect.any(String),
        });
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 2000 },
    );
  });

  it('answers where looking at the request throws', async () => {
    for (const hostile of HOSTILE) {
      const requests = [hostile, { ...signedRequest(), body: hostile }, { ...signedRequest(), headers: hostile }];
      for (const request of requests) {
        expect((await receiver.answer(request as ReceiverRequest)).status).toBeGreaterThanOrEqual(400);
      }
    }
  });
});
