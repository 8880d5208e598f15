/** What a receiver answers to one request, and which handler gets it. */
import { describe, expect, it, test } from '@jest/globals';
import { aReceiver, said } from './a-receiver.ts';
import { BODY, OTHER_SECRET, signedRequest, WEBHOOK_ID } from './signed-request.ts';

describe('a good request', () => {
  it('is handled and acknowledged', async () => {
    const { receiver, calls, lines } = aReceiver();
    const answer = await receiver.answer(signedRequest());
    expect(answer).toMatchObject({ status: 200, code: 'handled' });
    expect(answer.headers).toEqual({ 'content-type': 'application/json; charset=utf-8' });
    expect(said(answer)).toEqual({ received: true, code: 'handled' });
    expect(calls).toEqual([JSON.parse(BODY)]);
    expect(lines).toEqual([
      { code: 'handled', status: 200, id: WEBHOOK_ID, event: 'call.completed', durationMs: expect.any(Number) },
    ]);
  });

  it('tells the handler its id, time and scheme', async () => {
    const deliveries: unknown[] = [];
    const { receiver } = aReceiver({ on: { 'call.completed': (_call, delivery) => void deliveries.push(delivery) } });
    await receiver.answer(signedRequest());
    expect(deliveries).toEqual([
      { id: WEBHOOK_ID, scheme: 'standard', timestamp: 1614265330, signal: expect.any(AbortSignal) },
    ]);
  });

  it('goes to the handler of its event', async () => {
    const seen: string[] = [];
    const { receiver } = aReceiver({
      on: {
        'call.completed': (call) => void seen.push(`completed ${call.call_id}`),
        'call.failed': (call) => void seen.push(`failed ${call.call_id}`),
        'webhook.test': (test) => void seen.push(`test ${test.name}`),
      },
    });
    for (const body of [
      '{"call_id":"1","status":"failed","event":"call.failed"}',
      '{"name":"n","event":"webhook.test"}',
    ]) {
      const { status } = await receiver.answer(signedRequest({ body, id: `msg_${body.length}` }));
      expect(status).toBe(200);
    }
    expect(seen).toEqual(['failed 1', 'test n']);
  });

  it('has its event named where the body, like the vendor’s sample, does not', async () => {
    const { receiver, calls } = aReceiver();
    await receiver.answer(signedRequest({ body: '{"call_id":"1","status":"failed"}' }));
    expect(calls).toEqual([{ call_id: '1', status: 'failed', event: 'call.failed' }]);
  });
});

describe('an event without a handler', () => {
  it.each(['call.completed', 'call.transferred', 'constructor', '__proto__', 'toString'])(
    'is acknowledged and left: %s',
    async (event) => {
      const { receiver } = aReceiver({ on: { 'webhook.test': () => undefined } });
      const answer = await receiver.answer(signedRequest({ body: JSON.stringify({ event }) }));
      expect(answer).toMatchObject({ status: 200, code: 'ignored' });
    },
  );

  it('goes to onUnknown where this version does not know it, once', async () => {
    const unknown: unknown[] = [];
    const { receiver, calls } = aReceiver({ onUnknown: (event) => void unknown.push(event) });
    const request = signedRequest({ body: '{"event":"call.transferred","to":"x"}' });
    expect(await receiver.answer(request)).toMatchObject({ code: 'handled' });
    expect(await receiver.answer(request)).toMatchObject({ code: 'duplicate' });
    expect(unknown).toEqual([{ event: 'call.transferred', to: 'x' }]);
    expect(calls).toEqual([]);
  });
});

describe('a request that is not accepted', () => {
  const good = signedRequest();
  it.each([
    ['a tampered body', { ...good, body: `${good.body} ` }, 401, 'signature_mismatch'],
    ['no signature', { ...good, headers: {} }, 401, 'missing_header'],
    ['another secret', signedRequest({ current: OTHER_SECRET }), 401, 'signature_mismatch'],
    ['an old one', signedRequest({ sentAtSeconds: 1614265330 - 400 }), 401, 'timestamp_too_old'],
    ['no JSON', signedRequest({ body: 'hello' }), 400, 'body_not_json'],
    ['no event', signedRequest({ body: '{"a":1}' }), 400, 'event_missing'],
    ['an empty text', { ...good, body: '' }, 400, 'body_empty'],
    ['an empty buffer', { ...good, body: Buffer.alloc(0) }, 400, 'body_empty'],
    ['null', { ...good, body: null }, 400, 'body_empty'],
    ['a parsed body', { ...good, body: JSON.parse(good.body) as string }, 500, 'body_not_raw'],
    ['no body at all', { ...good, body: undefined }, 500, 'body_not_raw'],
    ['GET', { ...good, method: 'GET' }, 405, 'method_not_allowed'],
    ['HEAD', { ...good, method: 'HEAD', body: undefined }, 405, 'method_not_allowed'],
  ])('%s is answered with its code and a fix, and no handler runs', async (_what, request, status, code) => {
    const { receiver, calls, lines } = aReceiver();
    const answer = await receiver.answer(request);
    expect(answer).toMatchObject({ status, code });
    expect(said(answer)).toEqual({ received: false, code, fix: expect.stringMatching(/^[^.].*\.$/) });
    expect(calls).toEqual([]);
    expect(lines).toMatchObject([{ code, status, fix: expect.any(String) }]);
  });

  it('names the method it wants', async () => {
    const { receiver } = aReceiver();
    expect((await receiver.answer({ ...good, method: 'GET' })).headers).toMatchObject({ allow: 'POST' });
  });

  it('is no reason to throw where the secret is missing: 500 says so, and the sender tries again', async () => {
    for (const secret of [undefined, '', [undefined, '']]) {
      const { receiver } = aReceiver({ secret });
      expect(await receiver.answer(good)).toMatchObject({ status: 500, code: 'missing_secret' });
    }
  });

  it('is too large above maxBodyBytes, counted in bytes', async () => {
    const request = signedRequest({ body: `{"event":"call.completed","text":"ü"}` });
    const bytes = Buffer.byteLength(request.body);
    expect(await aReceiver({ maxBodyBytes: bytes - 1 }).receiver.answer(request)).toMatchObject({
      status: 413,
      code: 'body_too_large',
    });
    expect(await aReceiver({ maxBodyBytes: bytes }).receiver.answer(request)).toMatchObject({ status: 200 });
  });

  it('may be 4 MiB by default', async () => {
    const head = '{"event":"call.completed","text":"';
    const request = signedRequest({ body: `${head}${'x'.repeat(4_194_304 - head.length - 2)}"}` });
    const { receiver } = aReceiver();
    expect(await receiver.answer(request)).toMatchObject({ status: 200 });
    expect(await receiver.answer({ ...request, body: `${request.body} ` })).toMatchObject({ status: 413 });
  });
});

test('a log that throws changes no answer', async () => {
  const { receiver } = aReceiver({
    log: () => {
      throw new Error('disk full');
    },
  });
  expect(await receiver.answer(signedRequest())).toMatchObject({ status: 200 });
});

test.each([
  { maxBodyBytes: 0 },
  { timeoutMs: Number.NaN },
  { timeoutMs: 2 ** 31 },
  { claimMs: -1 },
  { claimMs: Number.POSITIVE_INFINITY },
])('receive takes no %p', (change) => {
  expect(() => aReceiver(change)).toThrow(RangeError);
});
