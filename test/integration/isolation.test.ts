/** A hundred receivers that never answer, beside a hundred that do, on one real worker. FAULTS row F12. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aFailedCall } from '../support/builders.ts';
import { startReceiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const HUNDRED = Array.from({ length: 100 }, (_, index) => index);

let stage: Stage;
beforeAll(async () => {
  // One attempt each: what happens to the tarpits afterwards is no part of this, nor how fast a busy server takes 200 starts.
  stage = await openStage({ address: devServer().address, webhooks: { retryDelaysMs: [], startTimeoutMs: 30_000 } });
});
afterAll(() => stage.close());

test('a hundred tarpits make a hundred good receivers less than 2 s late', async () => {
  const tarpit = await startTarpit();
  const fast = await startReceiver();
  try {
    // What so many calls at once cost this machine anyway: the same number of them, all of them answered.
    const unburdenedMs = await latestOfHundred(fast.url);
    const burdenedMs = await latestOfHundred(tarpit.url);
    // They were there: each tarpit has a POST in hand.
    await waitFor('a hundred POSTs in the tarpits', () => tarpit.held() === 100);
    expect(burdenedMs - unburdenedMs).toBeLessThan(2_000);
  } finally {
    await tarpit.stop();
    await fast.close();
  }
});

/** Ends two hundred calls at once, half of them to `other`; how long after its call the last good receiver was reached. */
async function latestOfHundred(other: string): Promise<number> {
  const good = await startReceiver();
  try {
    const endedAt = new Map<string, number>();
    const end = async (url: string): Promise<void> => {
      const call = aFailedCall({ webhook_url: url });
      endedAt.set(call.call_id, Date.now());
      await stage.webhooks.callEnded(call);
    };
    // The others first, so that they are in the way.
    await Promise.all([...HUNDRED.map(() => end(other)), ...HUNDRED.map((index) => end(`${good.url}/${index}`))]);
    await good.received(100);
    const late = good.requests.map(({ at, body }) => {
      const { call_id } = JSON.parse(body) as { call_id: string };
      return at - (endedAt.get(call_id) ?? Number.NaN);
    });
    expect(new Set(good.requests.map(({ path }) => path)).size).toBe(100);
    return Math.max(...late);
  } finally {
    await good.close();
  }
}

/** Takes every request and never answers; what it holds is dropped when it stops. */
async function startTarpit(): Promise<{ url: string; held(): number; stop(): Promise<void> }> {
  const held = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => held.add(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    held: () => held.size,
    async stop() {
      for (const socket of held) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
