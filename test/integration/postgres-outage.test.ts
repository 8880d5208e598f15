/** PostgreSQL goes away while deliveries end. What whole runs do, on real servers. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { PostgresDeliveryLog } from '../../adapters/index.ts';
import { statusCommand } from '../../cli/commands/status/command.ts';
import type { WebhookHandle } from '../../client/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { loseOneInsertAnswer, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const OUTAGE_MS = 60_000;
/** Enough for the outage, at most a minute between two tries of recordDelivery, and a busy machine. */
const TIMEOUT_MS = 300_000;

let postgres: TestPostgres;
let log: PostgresDeliveryLog;
let stage: Stage;
let healthy: Receiver;
let refusing: Receiver;

beforeAll(async () => {
  postgres = await startPostgres();
  log = new PostgresDeliveryLog({ connectionString: postgres.url });
  await log.migrate();
  healthy = await startReceiver(200);
  refusing = await startReceiver(503);
  stage = await openStage({
    address: devServer().address,
    webhooks: { retryDelaysMs: [1_000] },
    worker: { log },
  });
});
afterAll(async () => {
  await stage.close();
  await Promise.all([healthy.close(), refusing.close(), log.close()]);
  await postgres.close();
});

test(
  'PostgreSQL stopped for 60 s while deliveries end: none lost, no second POST, one row each',
  async () => {
    const handles: WebhookHandle[] = [];
    const end = async (url: string): Promise<void> => {
      const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: url }));
      if (handle !== undefined) handles.push(handle);
    };
    // Some deliveries end while PostgreSQL still runs, some around its end, some while it is away.
    for (let count = 0; count < 5; count += 1) await end(healthy.url);
    await waitFor('the first rows', async () => (await log.list()).records.length >= 2);
    const around = Promise.all(Array.from({ length: 10 }, () => end(healthy.url)));
    await postgres.stop();
    const outage = delay(OUTAGE_MS);
    await around;
    for (let count = 0; count < 5; count += 1) await Promise.all([end(healthy.url), end(refusing.url)]);
    await Promise.all([healthy.received(20), refusing.received(10)]);
    await outage;
    const last = handles.at(-1);
    expect((await stage.client.workflow.getHandle(String(last?.workflowId)).describe()).status.name).toBe('RUNNING');
    const env = { TEMPORAL_ADDRESS: devServer().address };
    // Between two tries. While a try is under way there is nothing to wait for yet.
    await waitFor('the words for an operator', async () => {
      const { stdout } = await runInProcess(statusCommand, [String(last?.workflowId)], env);
      return stdout.includes('waits until the delivery log takes the outcome');
    });
    await postgres.start();

    const results = await Promise.all(handles.map((handle) => handle.result()));
    expect(results.map(({ state }) => state).sort()).toEqual([
      ...Array.from({ length: 20 }, () => 'delivered'),
      ...Array.from({ length: 5 }, () => 'failed'),
    ]);
    // One POST per delivery that succeeded, and the two of the ladder per delivery that was refused.
    expect(healthy.requests).toHaveLength(20);
    expect(new Set(healthy.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(20);
    expect(refusing.requests).toHaveLength(10);
    const { rows } = await postgres.pool.query('select webhook_id, state from topcalls_webhooks.deliveries');
    expect(rows).toHaveLength(25);
    for (const { deliveries } of results) {
      const [delivery] = deliveries;
      const shown = await log.show(String(delivery?.webhookId));
      expect(shown).toMatchObject([{ cycle: 1, state: delivery?.state, attempts: delivery?.attempts }]);
    }
    expect(stage.lines.filter(({ message }) => message === 'webhook.record_postponed').length).toBeGreaterThanOrEqual(
      5,
    );
  },
  TIMEOUT_MS,
);

test('a commit whose answer was lost: the delivery is recorded once more, stays one row, and is not sent again', async () => {
  const proxy = await loseOneInsertAnswer(postgres.port);
  const behind = new PostgresDeliveryLog({ connectionString: `postgres://topcalls@127.0.0.1:${proxy.port}/postgres` });
  const own = await openStage({ address: devServer().address, worker: { log: behind } });
  try {
    const sent = healthy.requests.length;
    const handle = await own.webhooks.callEnded(aFailedCall({ webhook_url: healthy.url }));
    const [delivery] = (await handle?.result())?.deliveries ?? [];
    expect(own.lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['webhook.record_postponed', 'webhook.ended']),
    );
    expect(healthy.requests).toHaveLength(sent + 1);
    expect(await log.show(String(delivery?.webhookId))).toMatchObject([
      { cycle: 1, state: 'delivered', attempts: delivery?.attempts },
    ]);
  } finally {
    await own.close();
    await behind.close();
    await proxy.close();
  }
});
