/** DNS rebinding against a whole ladder: the attempts of a real worker ask a scripted name server. FAULTS row F16. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { activityLog } from '../../activities/activity-log.ts';
import { makeDeliverWebhook } from '../../activities/deliver-webhook.ts';
import { WebhookMetrics } from '../../activities/metrics/webhook-metrics.ts';
import { createWebhookSender } from '../../activities/http/webhook-sender.ts';
import type { WebhookSender } from '../../activities/http/webhook-sender.ts';
import { createResolve } from '../../activities/http/resolve.ts';
import { StaticSecrets } from '../../adapters/index.ts';
import { parseEgressOptions } from '../../contract/index.ts';
import { webhookWorkerParts } from '../../worker/index.ts';
import { aFailedCall, SECRET } from '../support/builders.ts';
import { startCountingListener, watchDials } from '../support/counting-listener.ts';
import { startNameServer } from '../support/hostile-dns.ts';
import type { DnsAnswer, NameServer } from '../support/hostile-dns.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';

let stage: Stage;
let nameServer: NameServer;
let stopWorker: () => Promise<void>;
/** Answers to the questions for an A record, one an attempt. A resolver that a busy machine has held up asks twice. */
let script: DnsAnswer[] = [];
/** The answer of the attempt under way. */
let answer: DnsAnswer = [];

beforeAll(async () => {
  nameServer = await startNameServer(({ type }) => (type === 'A' ? answer : []));
  stage = await openStage({
    address: devServer().address,
    worker: false,
    webhooks: { settleDelayMs: 0, retryDelaysMs: [1_000, 1_000] },
  });
  stopWorker = await startWorker();
});
afterAll(async () => {
  await stopWorker();
  await stage.close();
  await nameServer.stop();
});

test('a name that turns private for one attempt loses that attempt only: the ladder goes on and delivers', async () => {
  const receiver = await startReceiver(503, 200);
  const besideIt = await startCountingListener({ port: portOf(receiver), host: '127.0.0.2' });
  try {
    script = [['127.0.0.1'], ['127.0.0.1', '127.0.0.2'], ['127.0.0.1']];
    const result = await deliver(receiver);
    expect(result?.state).toBe('delivered');
    expect(result?.deliveries[0]?.attempts.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['http', 'http_503'],
      ['refused', 'address_resolved'],
      ['delivered', 'http_200'],
    ]);
    expect(receiver.requests).toHaveLength(2);
    expect(besideIt.connections()).toBe(0);
    // Two attempts dialled, and nothing but the receiver.
    expect(besideIt.targets()).toEqual(Array(2).fill(`127.0.0.1:${portOf(receiver)}`));
  } finally {
    await besideIt.stop();
    await receiver.close();
  }
});

test('a name that stays private ends as refused after the whole ladder, and nobody was ever dialled', async () => {
  const receiver = await startReceiver();
  const besideIt = await startCountingListener({ port: portOf(receiver), host: '127.0.0.2' });
  try {
    script = [['127.0.0.2'], [{ cname: 'db.internal' }, '10.0.0.5'], ['169.254.169.254']];
    const result = await deliver(receiver);
    expect(result?.state).toBe('refused');
    expect(result?.deliveries[0]).toMatchObject({ state: 'refused', reason: 'address_resolved' });
    expect(result?.deliveries[0]?.attempts.map(({ code }) => code)).toEqual(Array(3).fill('address_resolved'));
    expect(receiver.requests).toHaveLength(0);
    expect(besideIt.connections()).toBe(0);
    expect(besideIt.dialled()).toBe(0);
  } finally {
    await besideIt.stop();
    await receiver.close();
  }
});

async function deliver(receiver: Receiver) {
  const url = `http://hooks.example.com:${portOf(receiver)}/hook`;
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: url }));
  return handle?.result();
}

function portOf(receiver: Receiver): number {
  return Number(new URL(receiver.url).port);
}

/** The parts of a real worker, except for the resolver: we have no option for name servers. */
async function startWorker(): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: devServer().address });
  const secrets = new StaticSecrets({ main: SECRET });
  const { workflowsPath, activities } = webhookWorkerParts({ artifacts: stage.artifacts, secrets, log: stage.log });
  const sender = createWebhookSender({
    policy: parseEgressOptions({ allowHttp: true, allowCidrs: ['127.0.0.1/32'] }),
    resolve: createResolve({ servers: [nameServer.server] }),
  });
  const watchedSender: WebhookSender = {
    ...sender,
    post: (request) => {
      answer = script.shift() ?? [];
      return watchDials(() => sender.post(request));
    },
  };
  const say = activityLog();
  const told = { say, metrics: new WebhookMetrics(say) };
  const deliverWebhook = makeDeliverWebhook({ secrets, log: stage.log, sender: watchedSender, ...told });
  const worker = await Worker.create({
    connection,
    taskQueue: stage.taskQueue,
    workflowsPath,
    activities: { ...activities, deliverWebhook },
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
}
