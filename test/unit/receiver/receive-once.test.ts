/** The same webhook again is handled once, whatever happens in between. */
import { describe, expect, it } from '@jest/globals';
import { aPromise, aReceiver } from './a-receiver.ts';
import { PLAIN_SECRET, signedRequest } from './signed-request.ts';

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

  it.each([undefined, null, true, false, 0, 1, 'OK', 'Claimed', {}, ['claimed']])(
    'is the fault of the store if that answers a claim with %j: no handler runs, the log says why, the id is released',
    async (odd) => {
      const released: string[] = [];
      const { receiver, calls, lines } = aReceiver({
        seen: {
          claim: async () => odd as never,
          done: async () => undefined,
          release: async (id) => void released.push(id),
        },
      });
      expect(await receiver.answer(signedRequest())).toMatchObject({ status: 503, code: 'store_unavailable' });
      expect(calls).toEqual([]);
      expect(released).toEqual([signedRequest().headers['webhook-id']]);
      const says = expect.stringContaining('it must be "claimed", "done" or "busy"');
      expect(lines).toMatchObject([{ code: 'store_unavailable', error: { message: says } }]);
    },
  );

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
