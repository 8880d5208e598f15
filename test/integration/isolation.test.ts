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

let stage: Stage;
beforeAll(async () => {
  // One attempt each: what happens to the tarpits later does not matter here.
  stage = await openStage({ address: devServer().address, worker: false, webhooks: { retryDelaysMs: [] } });
});
afterAll(() => stage.close());

test('tarpits that hold all slots but one delay no good receiver: all are served before a tarpit is given up', async () => {
  // Few, because a tarpit is given up after 10 s, and a busy machine needs some of them for each run.
  const { tarpit, good, report, close } = await startReceivers();
  try {
    await report(8);
    const worker = await stage.startWorker({ temporal: { maxConcurrentActivityTaskExecutions: 9 } });
    await good.received(8);
    expect(tarpit.givenUp()).toBe(0);
    // Otherwise the worker waits at its stop until the tarpits are given up.
    await tarpit.stop();
    await worker.stop();
  } finally {
    await close();
  }
});

test('a hundred good receivers are served beside a hundred tarpits, each at its first attempt', async () => {
  const { tarpit, good, report, close } = await startReceivers();
  try {
    const handles = await report(100);
    await stage.startWorker();
    const results = await Promise.all(handles.map(async (handle) => handle?.result()));
    expect(new Set(results.map((result) => result?.state))).toEqual(new Set(['delivered']));
    expect(good.requests).toHaveLength(100);
    expect(new Set(good.requests.map(({ path }) => path)).size).toBe(100);
    // The burden was real: each tarpit had a POST in hand.
    await waitFor('a hundred POSTs in the tarpits', () => tarpit.held() === 100);
  } finally {
    await close();
  }
});

/** `report` ends so many calls to tarpits, which are then in the way, and as many to good receivers. */
async function startReceivers() {
  const tarpit = await startTarpit();
  const good = await startReceiver();
  const end = (url: string) => stage.webhooks.callEnded(aFailedCall({ webhook_url: url }));
  return {
    tarpit,
    good,
    report: async (count: number) => {
      const each = Array.from({ length: count }, (_, index) => index);
      await Promise.all(each.map(() => end(tarpit.url)));
      return Promise.all(each.map((index) => end(`${good.url}/${index}`)));
    },
    close: async () => {
      await tarpit.stop();
      await good.close();
    },
  };
}

type Tarpit = {
  readonly url: string;
  /** Requests that came, those given up included. */
  held(): number;
  /** Requests whose sender has closed the connection. */
  givenUp(): number;
  stop(): Promise<void>;
};

/** Takes every request and never answers; what it holds is dropped when it stops. */
async function startTarpit(): Promise<Tarpit> {
  const held = new Set<Socket>();
  let givenUp = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => held.add(socket));
    socket.once('close', () => (givenUp += 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    held: () => held.size,
    givenUp: () => givenUp,
    async stop() {
      for (const socket of held) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
