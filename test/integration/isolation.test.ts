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
  // One attempt each: what happens to the tarpits later does not matter here, nor how fast a busy server takes 200
  // starts.
  stage = await openStage({
    address: devServer().address,
    worker: false,
    webhooks: { retryDelaysMs: [], startTimeoutMs: 30_000 },
  });
});
afterAll(() => stage.close());

test('a hundred tarpits delay no good receiver: a hundred calls take no longer than a few times as long as alone', async () => {
  const tarpit = await startTarpit();
  const good = await startReceiver();
  try {
    const end = (url: string) => stage.webhooks.callEnded(aFailedCall({ webhook_url: url }));
    const endGood = () => Promise.all(HUNDRED.map((index) => end(`${good.url}/${index}`)));
    await endGood();
    const alone = await stage.startWorker();
    const aloneMs = await millisecondsOf(() => good.received(100));
    await alone.stop();

    // The tarpits first, so that they are in the way. Then one worker finds all two hundred.
    await Promise.all(HUNDRED.map(() => end(tarpit.url)));
    await endGood();
    await stage.startWorker();
    const besideMs = await millisecondsOf(() => good.received(200));
    // Twice as many runs. Waiting for tarpits to be given up would add 10 s and more.
    expect(besideMs / aloneMs).toBeLessThan(4);
    expect(new Set(good.requests.map(({ path }) => path)).size).toBe(100);
    // The burden was real: each tarpit had a POST in hand.
    await waitFor('a hundred POSTs in the tarpits', () => tarpit.held() === 100);
  } finally {
    await tarpit.stop();
    await good.close();
  }
});

async function millisecondsOf(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

type Tarpit = {
  readonly url: string;
  /** Requests that came, those given up included. */
  held(): number;
  stop(): Promise<void>;
};

/** Takes every request and never answers; what it holds is dropped when it stops. */
async function startTarpit(): Promise<Tarpit> {
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
