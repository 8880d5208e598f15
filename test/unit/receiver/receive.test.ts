/** What a receiver answers, and when its handlers run. */
import { describe, expect, it, test } from '@jest/globals';
import { memorySeenEvents, receive } from '../../../receiver/index.ts';
import type { ReceiveOptions, ReceiverAnswer, ReceiverLogLine, SeenEvents } from '../../../receiver/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { BODY, OTHER_SECRET, PLAIN_SECRET, secondsLater, SECRET, signedRequest, WEBHOOK_ID } from './signed-request.ts';

/** A receiver with its log lines kept, at the time of the golden vector. */
function aReceiver(change: Partial<ReceiveOptions> = {}) {
  const lines: ReceiverLogLine[] = [];
  const calls: unknown[] = [];
  const receiver = receive({
    secret: SECRET,
    now: secondsLater(1),
    on: (event) => void calls.push(event),
    log: (line) => void lines.push(line),
    ...change,
  });
  return { receiver, lines, calls };
}

const said = ({ body }: ReceiverAnswer): unknown => JSON.parse(body);

/** A promise with its resolve and reject outside. */
function aPromise() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}

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
      const { receiver } = aReceiver({ on: {} });
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

describe('the same webhook again', () => {
  it('is acknowledged, and no handler runs', async () => {
    const { receiver, calls, lines } = aReceiver();
    await receiver.answer(signedRequest());
    // A retry is signed anew, under the same id.
    const again = await receiver.answer(signedRequest({ sentAtSeconds: 1614265330 + 60 }));
    expect(again).toMatchObject({ status: 200, code: 'duplicate' });
    expect(calls).toHaveLength(1);
    expect(lines.map(({ code }) => code)).toEqual(['handled', 'duplicate']);
  });

  it('is handled again after a handler threw: 500, so that the sender delivers again', async () => {
    const failure = new Error('database is down: postgres://user:hush@db');
    let attempts = 0;
    const { receiver, lines } = aReceiver({
      on: () => {
        attempts += 1;
        if (attempts === 1) throw failure;
      },
    });
    const first = await receiver.answer(signedRequest());
    expect(first).toMatchObject({ status: 500, code: 'handler_failed' });
    expect(first.body).not.toContain('hush');
    expect(lines[0]).toMatchObject({ code: 'handler_failed', error: failure });
    expect(await receiver.answer(signedRequest())).toMatchObject({ status: 200, code: 'handled' });
    expect(attempts).toBe(2);
  });

  it('is answered 503 with Retry-After while the first is being handled, then 200', async () => {
    const gate = aPromise();
    let running = 0;
    const { receiver } = aReceiver({
      on: async () => {
        running += 1;
        await gate.promise;
      },
    });
    const first = receiver.answer(signedRequest());
    const copies = await Promise.all(Array.from({ length: 20 }, () => receiver.answer(signedRequest())));
    expect(new Set(copies.map(({ code }) => code))).toEqual(new Set(['in_progress']));
    expect(copies[0]).toMatchObject({ status: 503, headers: { 'retry-after': '50' } });
    gate.resolve();
    expect(await first).toMatchObject({ status: 200, code: 'handled' });
    expect(await receiver.answer(signedRequest())).toMatchObject({ code: 'duplicate' });
    expect(running).toBe(1);
  });

  it('is told by the digest of its body where only the body is signed, whatever its id header says', async () => {
    const ids: string[] = [];
    const options = { secret: PLAIN_SECRET, allowBodyOnlySignature: true };
    const { receiver } = aReceiver({ ...options, on: (_event, { id }) => void ids.push(id) });
    const { body, headers } = signedRequest({ current: PLAIN_SECRET });
    expect(await receiver.answer({ body, headers })).toMatchObject({ code: 'handled' });
    const replayed = { ...headers, 'webhook-id': 'msg_made-up' };
    expect(await receiver.answer({ body, headers: replayed })).toMatchObject({ code: 'duplicate' });
    expect(ids).toEqual([expect.stringMatching(/^body_[0-9a-f]{64}$/)]);
  });
});

describe('a handler that is too slow', () => {
  it('is told by its signal, answered 503, and acknowledged only once it has succeeded', async () => {
    const gate = aPromise();
    let told: unknown;
    const { receiver, lines } = aReceiver({
      timeoutMs: 30,
      claimMs: 60,
      on: async (_event, { signal }) => {
        signal.addEventListener('abort', () => (told = signal.reason));
        await gate.promise;
      },
    });
    expect(await receiver.answer(signedRequest())).toMatchObject({ status: 503, code: 'handler_timeout' });
    expect(told).toMatchObject({ name: 'TimeoutError' });
    // Longer than the claim, which is extended as long as the handler runs.
    const until = Date.now() + 200;
    await waitFor('the claim to have been extended', async () => {
      expect(await receiver.answer(signedRequest())).toMatchObject({ status: 503, code: 'in_progress' });
      return Date.now() > until;
    });
    gate.resolve();
    await waitFor('the late line', () => lines.find(({ late }) => late === true));
    expect(lines.find(({ late }) => late === true)).toMatchObject({ code: 'handled', id: WEBHOOK_ID });
    expect(await receiver.answer(signedRequest())).toMatchObject({ status: 200, code: 'duplicate' });
  });

  it('is handled again where it fails in the end', async () => {
    const gate = aPromise();
    const { receiver, lines } = aReceiver({ timeoutMs: 30, on: () => gate.promise });
    expect(await receiver.answer(signedRequest())).toMatchObject({ code: 'handler_timeout' });
    gate.reject(new Error('late'));
    const late = await waitFor('the late line', () => lines.find((line) => line.late === true));
    expect(late).toMatchObject({ code: 'handler_failed', error: new Error('late') });
    gate.promise.catch(() => undefined);
    expect(await receiver.answer(signedRequest())).toMatchObject({ code: 'handler_failed' });
  });
});

describe('a store that does not work', () => {
  const storeWith = (change: Partial<SeenEvents>): SeenEvents => ({ ...memorySeenEvents(), ...change });
  const down = async (): Promise<never> => {
    throw new Error('store is down');
  };

  it('keeps the handler from running: 503, the sender tries again', async () => {
    const { receiver, calls, lines } = aReceiver({ seen: storeWith({ claim: down }) });
    expect(await receiver.answer(signedRequest())).toMatchObject({ status: 503, code: 'store_unavailable' });
    expect(calls).toEqual([]);
    expect(lines).toMatchObject([{ code: 'store_unavailable', error: new Error('store is down') }]);
  });

  it('that hangs is answered 503 at the deadline, and a claim that comes later is given back', async () => {
    const gate = aPromise();
    const memory = memorySeenEvents();
    let claims = 0;
    const claim: SeenEvents['claim'] = async (...given) => {
      claims += 1;
      if (claims === 1) await gate.promise;
      return memory.claim(...given);
    };
    const { receiver, calls, lines } = aReceiver({ timeoutMs: 30, seen: { ...memory, claim } });
    expect(await receiver.answer(signedRequest())).toMatchObject({ status: 503, code: 'store_unavailable' });
    gate.resolve();
    await waitFor('the late line', () => lines.some((line) => line.late === true));
    expect(calls).toEqual([]);
    expect(await receiver.answer(signedRequest())).toMatchObject({ code: 'handled' });
  });

  it('does not undo what the handler did: 200 without the mark, which is logged', async () => {
    const { receiver, lines } = aReceiver({ seen: storeWith({ done: down }) });
    expect(await receiver.answer(signedRequest())).toMatchObject({ status: 200, code: 'handled' });
    expect(lines).toMatchObject([{ code: 'handled', error: new Error('store is down') }]);
  });

  it('that cannot release leaves the claim to end by itself', async () => {
    let attempts = 0;
    const on = (): void => {
      attempts += 1;
      if (attempts === 1) throw new Error('first');
    };
    const { receiver } = aReceiver({ seen: storeWith({ release: down }), claimMs: 100, on });
    expect(await receiver.answer(signedRequest())).toMatchObject({ code: 'handler_failed' });
    await waitFor('the claim to end', async () => (await receiver.answer(signedRequest())).code === 'handled');
  });
});

test('a claim that is being extended while its handler fails does not come back after it was given up', async () => {
  const memory = memorySeenEvents();
  const extension = aPromise();
  const handler = aPromise();
  let claims = 0;
  let landed = 0;
  const claim: SeenEvents['claim'] = async (...given) => {
    claims += 1;
    if (claims === 2) await extension.promise;
    const answer = await memory.claim(...given);
    landed += 1;
    return answer;
  };
  const { receiver } = aReceiver({ seen: { ...memory, claim }, claimMs: 300, on: () => handler.promise });
  const first = receiver.answer(signedRequest());
  await waitFor('an extension', () => claims === 2);
  handler.reject(new Error('failed'));
  setImmediate(extension.resolve);
  expect(await first).toMatchObject({ code: 'handler_failed' });
  await waitFor('the extension to land', () => landed === 2);
  expect(await memory.claim(WEBHOOK_ID, 'somebody else', 1_000)).toBe('claimed');
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
