/** The engine and its customers: calls end all the time, and ten receivers and an artifacts API can be given faults. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient, type WebhookClientOptions } from '../../../client/index.ts';
import { aCallTo } from '../../support/builders.ts';
import type { Random } from '../../support/random.ts';
import { startReceiver, type Answer, type Receiver } from '../../support/receiver.ts';
import type { SystemRun } from '../../support/system-run.ts';

const RECEIVERS = 10;

/** How the artifacts API behaves. `slow`: artifacts are ready 20 s after the first question. */
export type ArtifactsMode = 'ready' | 'broken' | 'slow';
const SLOW_MS = 20_000;

export type Engine = {
  readonly client: Client;
  readonly receivers: readonly Receiver[];
  /** What each new call is reported with besides. */
  change: object;
  /** What the client of each new call is made with besides. */
  policy: WebhookClientOptions;
  artifacts: ArtifactsMode;
  /** Calls that were started, and calls whose start failed. */
  readonly counts: { started: number; refused: number };
  /** Ends one call for this URL only. */
  endCall(url: string, policy?: WebhookClientOptions): Promise<string>;
  answerAll(answer: Answer): void;
};

/** The artifacts API. It asks `mode` at each request. */
export async function startArtifacts(run: SystemRun, mode: () => ArtifactsMode): Promise<string> {
  const firstAsked = new Map<string, number>();
  const server = createServer((request, response) => {
    const callId = request.url?.split('/').at(-1) ?? '';
    const asked = firstAsked.get(callId) ?? Date.now();
    firstAsked.set(callId, asked);
    const isPending = mode() === 'slow' && Date.now() < asked + SLOW_MS;
    if (isPending || mode() === 'broken') {
      response.writeHead(isPending ? 404 : 500).end();
      return;
    }
    const transcript = [{ id: 1, user: 'assistant', text: 'Hello.', created_at: '2025-12-22T10:30:05Z' }];
    const body = { recording_url: `https://recordings.example.com/${callId}.mp3`, transcript, call_summary: 'Done.' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  run.closers.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
}

/** Starts the customers' servers, and ends `perSecond` calls a second until the run is over. `policy`: the engine's
 *  own times. */
export async function startEngine(
  run: SystemRun,
  address: string,
  {
    perSecond,
    random,
    policy,
  }: { readonly perSecond: number; readonly random: Random; readonly policy: WebhookClientOptions },
): Promise<Engine> {
  const receivers = await Promise.all(Array.from({ length: RECEIVERS }, () => startReceiver(200)));
  const client = new Client({ connection: await Connection.connect({ address }) });
  const endCall = async (url: string, more: WebhookClientOptions = {}, change: object = {}): Promise<string> => {
    const call = aCallTo([{ webhook_url: url, secret_ref: 'main' }], {
      call_id: `call-${randomUUID()}`,
      status: random.chance(0.5) ? 'completed' : 'failed',
      ...change,
    });
    const webhooks = new WebhookClient(client, { onWarning: () => undefined, ...policy, ...more });
    return (await webhooks.callEnded(call))?.workflowId ?? '';
  };
  const engine: Engine = {
    client,
    receivers,
    change: {},
    policy: {},
    artifacts: 'ready',
    counts: { started: 0, refused: 0 },
    endCall,
    answerAll: (answer) => {
      for (const receiver of receivers) receiver.answer(answer);
    },
  };
  const state = { isOver: false };
  const running = (async () => {
    while (!state.isOver && !run.signal.aborted) {
      void endCall(random.oneOf(receivers).url, engine.policy, engine.change).then(
        () => (engine.counts.started += 1),
        // The engine of this test has no outbox. A server that is away is one of the faults.
        () => (engine.counts.refused += 1),
      );
      await delay(1_000 / perSecond);
    }
  })();
  run.closers.push(async () => {
    state.isOver = true;
    await running;
    await Promise.all(receivers.map((receiver) => receiver.close()));
  });
  return engine;
}
