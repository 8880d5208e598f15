/** Handlers and stores that are too slow or fail, on a virtual clock: a stall of the machine changes nothing. */
import { afterEach, beforeEach, describe, expect, it, jest, test } from '@jest/globals';
import { memorySeenEvents } from '../../../receiver/index.ts';
import type { SeenEvents } from '../../../receiver/index.ts';
import { aPromise, aReceiver } from './a-receiver.ts';
import { signedRequest, WEBHOOK_ID } from './signed-request.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a handler that is too slow', () => {
  it('is told by its signal, answered 503, and acknowledged only once it has succeeded', async () => {
    const gate = aPromise();
    let told: unknown;
    const { receiver, lines } = aReceiver({
      on: async (_event, { signal }) => {
        signal.addEventListener('abort', () => (told = signal.reason));
        await gate.promise;
      },
    });
    const first = receiver.answer(signedRequest());
    await jest.advanceTimersByTimeAsync(7_999);
    expect(told).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    expect(await first).toMatchObject({ status: 503, code: 'handler_timeout' });
    expect(told).toMatchObject({ name: 'TimeoutError' });
    // Longer than the claim of 50 s, which is extended while the handler runs.
    await jest.advanceTimersByTimeAsync(600_000);
    expect(await receiver.answer(signedRequest())).toMatchObject({ status: 503, code: 'in_progress' });
    gate.resolve();
    await jest.advanceTimersByTimeAsync(0);
    expect(lines.find(({ late }) => late === true)).toMatchObject({ code: 'handled', id: WEBHOOK_ID });
    expect(await receiver.answer(signedRequest())).toMatchObject({ status: 200, code: 'duplicate' });
  });

  it('is handled again where it fails in the end', async () => {
    const gate = aPromise();
    const { receiver, lines } = aReceiver({ on: () => gate.promise });
    const first = receiver.answer(signedRequest());
    await jest.advanceTimersByTimeAsync(8_000);
    expect(await first).toMatchObject({ code: 'handler_timeout' });
    gate.reject(new Error('late'));
    await jest.advanceTimersByTimeAsync(0);
    expect(lines.find(({ late }) => late === true)).toMatchObject({ code: 'handler_failed', error: new Error('late') });
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
    const { receiver, calls, lines } = aReceiver({ seen: { ...memory, claim } });
    const first = receiver.answer(signedRequest());
    await jest.advanceTimersByTimeAsync(8_000);
    expect(await first).toMatchObject({ status: 503, code: 'store_unavailable' });
    gate.resolve();
    await jest.advanceTimersByTimeAsync(0);
    expect(lines.some(({ late }) => late === true)).toBe(true);
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
    const { receiver } = aReceiver({ seen: storeWith({ release: down }), on });
    expect(await receiver.answer(signedRequest())).toMatchObject({ code: 'handler_failed' });
    await jest.advanceTimersByTimeAsync(49_999);
    expect(await receiver.answer(signedRequest())).toMatchObject({ code: 'in_progress' });
    await jest.advanceTimersByTimeAsync(1);
    expect(await receiver.answer(signedRequest())).toMatchObject({ code: 'handled' });
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
  const { receiver } = aReceiver({ seen: { ...memory, claim }, claimMs: 15_000, on: () => handler.promise });
  const answer = receiver.answer(signedRequest());
  // A third of the claim.
  await jest.advanceTimersByTimeAsync(5_000);
  expect(claims).toBe(2);
  handler.reject(new Error('failed'));
  await jest.advanceTimersByTimeAsync(0);
  extension.resolve();
  expect(await answer).toMatchObject({ code: 'handler_failed' });
  expect(landed).toBe(2);
  expect(await memory.claim(WEBHOOK_ID, 'somebody else', 1_000)).toBe('claimed');
});
