/** The faults: what breaks, what the doctor must say then, and how it is made whole. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { applySchedules, removeSchedules, SCHEDULE_IDS } from '../../../cli/commands/setup/maintenance.ts';
import type { WebhookHandle } from '../../../client/index.ts';
import { EXPIRED_CERTIFICATE, RECEIVER_KEY } from '../../support/hostile-certificates.ts';
import type { Random } from '../../support/random.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Installation } from './installation.ts';

/** Finding codes, each a list of which one must be said. */
export type Expected = readonly (readonly string[])[];

export type Broken = {
  readonly expected: Expected;
  /** Environment of the doctor, for faults in it. */
  readonly env?: NodeJS.ProcessEnv;
  readonly heal: () => Promise<void>;
};

export type Fault = (on: Installation, random: Random) => Promise<Broken>;

const nothing = async (): Promise<void> => {};
/** A killed worker is still listed. Whether a task that waits proves it dead depends on the moment. */
const NO_WORKER = ['no_worker', 'worker_silent'] as const;

async function retrying(on: Installation, webhooks = on.webhooks()): Promise<WebhookHandle> {
  const handle = await on.call(503, webhooks);
  await waitFor('the first failure', async () => (await handle.status()).deliveries[0]?.nextAttemptAt !== undefined);
  return handle;
}

async function awayWorker(on: Installation, signal: NodeJS.Signals): Promise<Broken> {
  await on.worker().end(signal);
  return { expected: [NO_WORKER], heal: () => on.startWorker() };
}

/** Some of them open, some ended: none of it is a fault. */
export async function traffic(on: Installation, random: Random): Promise<void> {
  for (let calls = random.between(1, 4); calls > 0; calls -= 1) {
    const kind = random.oneOf(['delivered', 'gone', 'failed', 'retrying', 'cancelled'] as const);
    if (kind === 'delivered') await (await on.call(200)).result();
    if (kind === 'gone') await (await on.call(410)).result();
    if (kind === 'failed') await (await on.call(503, on.webhooks({ retryDelaysMs: [] }))).result();
    if (kind === 'retrying') await retrying(on);
    if (kind === 'cancelled') {
      const handle = await retrying(on);
      await handle.cancel();
      await handle.result();
    }
  }
}

export const FAULTS = {
  nothing: async () => ({ expected: [], heal: nothing }),
  'the worker is killed': (on) => awayWorker(on, 'SIGKILL'),
  'the worker is stopped': (on) => awayWorker(on, 'SIGTERM'),
  'the worker is killed, and calls end': async (on, random) => {
    const broken = await awayWorker(on, 'SIGKILL');
    for (let calls = random.between(1, 3); calls > 0; calls -= 1) await on.call(200);
    // Long enough that the tasks have been passed over, or not.
    await delay(random.oneOf([0, 12_000]));
    return broken;
  },
  'the worker is frozen': async (on) => {
    const worker = on.worker();
    await retrying(on);
    worker.child.kill('SIGSTOP');
    return {
      expected: [NO_WORKER],
      heal: async () => {
        worker.child.kill('SIGCONT');
      },
    };
  },
  'calls go to another task queue': async (on) => {
    await on.call(200, on.webhooks({ taskQueue: 'elsewhere' }));
    return { expected: [['wrong_queue']], heal: nothing };
  },
  'a workflow task fails': async (on, random) => {
    const payload: Payload = { metadata: { encoding: Buffer.from('binary/from-elsewhere') }, data: Buffer.from('{}') };
    const codec = { encode: async () => [payload], decode: async (payloads: Payload[]) => payloads };
    const raw = new Client({ connection: on.client.connection, dataConverter: { payloadCodecs: [codec] } });
    for (let runs = random.between(1, 4); runs > 0; runs -= 1) {
      const handle = await retrying(on);
      await raw.workflow.getHandle(handle.workflowId).signal('cancel', 'replaced');
      await waitFor('a failed task', async () => (await handle.status()).stalled?.why === 'task_failing');
    }
    return { expected: [['runs_stuck']], heal: nothing };
  },
  'an activity is paused': async (on) => {
    const handle = await retrying(on);
    const { raw } = await on.client.workflow.getHandle(handle.workflowId).describe();
    await on.client.workflowService.pauseActivity({
      namespace: on.client.options.namespace,
      execution: { workflowId: handle.workflowId },
      identity: 'ops@example.com',
      reason: 'the receiver moves',
      id: raw.pendingActivities?.[0]?.activityId ?? '',
    });
    return { expected: [['runs_paused']], heal: nothing };
  },
  'the database is down': async (on, random) => {
    await on.postgres.stop();
    if (random.chance(0.5)) await on.call(200);
    return { expected: [['database']], heal: () => on.postgres.start() };
  },
  'the database is down for the worker alone': async (on) => {
    on.logProxy.refuse();
    const handle = await on.call(200);
    await waitFor('the wait', async () => (await handle.status()).stalled?.why === 'waiting_for_log');
    return {
      expected: [['waiting_for_log']],
      heal: async () => on.logProxy.heal(),
    };
  },
  'a migration is pending': async (on) => {
    const { rows } = await on.postgres.pool.query<Record<string, string>>(
      `delete from topcalls_webhooks.migrations
       where name = (select max(name) from topcalls_webhooks.migrations) returning *`,
    );
    const [row] = rows;
    return {
      expected: [['schema']],
      heal: async () => {
        const names = Object.keys(row ?? {});
        const values = names.map((_, index) => `$${index + 1}`).join(', ');
        const insert = `insert into topcalls_webhooks.migrations (${names.join(', ')}) values (${values})`;
        await on.postgres.pool.query(insert, Object.values(row ?? {}));
      },
    };
  },
  'runs are terminated': async (on, random) => {
    const handles = [await retrying(on)];
    if (random.chance(0.5)) handles.push(await retrying(on));
    for (const { workflowId } of handles) await on.client.workflow.getHandle(workflowId).terminate('by hand');
    await waitFor('the list', async () => {
      const query = `ExecutionStatus = 'Terminated' AND WorkflowId = '${handles[0]?.workflowId}'`;
      return (await on.client.workflow.count(query)).count === 1;
    });
    return { expected: [['unrecorded']], heal: nothing };
  },
  'a run is reset': async (on) => {
    // The new run remembers the first attempt, makes the second one at once, and waits for the third.
    const handle = await retrying(on, on.webhooks({ retryDelaysMs: [3_600_000, 3_600_000] }));
    const { workflowId } = handle;
    const { runId } = await on.client.workflow.getHandle(workflowId).describe();
    await on.client.workflowService.resetWorkflowExecution({
      namespace: on.client.options.namespace,
      workflowExecution: { workflowId, runId },
      reason: 'by hand',
      requestId: `${workflowId}/reset`,
      // A Long of protobuf's shape: the first completed workflow task is event 4.
      workflowTaskFinishEventId: { low: 4, high: 0, unsigned: false } as never,
    });
    // The new run may still record the delivery. Until it has ended, nothing is missing.
    await waitFor('the new run', async () => (await handle.status()).deliveries[0]?.attempts.length === 2);
    const before = await on.doctor();
    if (before.codes.length > 0) throw new Error(`a run that was reset, and goes on: ${before.codes.join()}`);
    await handle.cancel();
    await handle.result();
    const query = `WorkflowId = '${workflowId}' AND ExecutionStatus != 'Running'`;
    await waitFor('the list', async () => (await on.client.workflow.count(query)).count === 2);
    return { expected: [['unrecorded']], heal: nothing };
  },
  'a worker records nothing': async (on) => {
    await on.worker().end('SIGTERM');
    await on.startWorker({ DATABASE_URL: 'none' });
    const handle = await on.call(200);
    await handle.result();
    const query = `WorkflowId = '${handle.workflowId}' AND ExecutionStatus = 'Completed'`;
    await waitFor('the list', async () => (await on.client.workflow.count(query)).count === 1);
    return {
      expected: [['unrecorded']],
      heal: async () => {
        await on.worker().end('SIGTERM');
        await on.startWorker();
      },
    };
  },
  'the host takes no events': async (on) => {
    await on.worker().end('SIGTERM');
    await on.startWorker({ EVENTS: 'refused' });
    const handle = await on.call(410);
    await waitFor('the wait', async () => (await handle.status()).stalled?.why === 'waiting_for_notify');
    return {
      expected: [['waiting_for_notify']],
      heal: async () => {
        await on.worker().end('SIGTERM');
        await on.startWorker();
      },
    };
  },
  'the routine does not do its work': async (on, random) => {
    // So seldom that none of its runs begins by itself.
    const everyMs = 30 * 86_400_000;
    const settings = { taskQueue: on.taskQueue, reconcileEveryMs: everyMs, reconcileSinceMs: everyMs };
    await applySchedules(on.client, { ...settings, pruneEveryMs: everyMs, pruneOlderThanMs: everyMs }, false);
    const before = await on.doctor();
    if (before.codes.length > 0) throw new Error(`a routine that is well: ${before.codes.join()}`);
    const schedule = on.client.schedule.getHandle(random.oneOf(Object.values(SCHEDULE_IDS)));
    const breakings = {
      paused: () => schedule.pause('a holiday'),
      missing: () => schedule.delete(),
      failed: async () => {
        await schedule.trigger();
        const action = await waitFor('its run', async () => (await schedule.describe()).info.recentActions[0]?.action);
        const run = on.client.workflow.getHandle(action?.workflow.workflowId ?? '');
        await run.terminate('by hand');
      },
    };
    await random.oneOf(Object.values(breakings))();
    return {
      expected: [['maintenance']],
      heal: async () => void (await removeSchedules(on.client, false)),
    };
  },
  'the store of secrets is down': async (on) => {
    on.switch('secrets', true);
    const handle = await on.call(200);
    await waitFor('the wait', async () => (await handle.status()).stalled?.why === 'waiting_for_us', 90_000);
    return { expected: [['waiting_for_us']], heal: async () => on.switch('secrets', false) };
  },
  'the secrets file is broken': async (on, random) => {
    const text = readFileSync(on.secretsFile, 'utf8');
    if (random.chance(0.5)) rmSync(on.secretsFile);
    else writeFileSync(on.secretsFile, random.oneOf(['', '{', '[]', text.slice(0, -3), '{"main":""}']));
    return { expected: [['secrets']], heal: async () => writeFileSync(on.secretsFile, text) };
  },
  'the keys are broken': async (on, random) => {
    const TOPCALLS_ENCRYPTION_KEYS = random.oneOf(['{', '{"keys":{}}', '{"activeKeyId":"k","keys":{"k":"short"}}']);
    return { expected: [['encryption_keys']], env: { TOPCALLS_ENCRYPTION_KEYS }, heal: nothing };
  },
  'the client certificate has ended': async () => ({
    // The server here has no TLS, so it is not reached with one.
    expected: [['server'], ['certificate']],
    env: { TEMPORAL_TLS_CLIENT_CERT_DATA: EXPIRED_CERTIFICATE, TEMPORAL_TLS_CLIENT_KEY_DATA: RECEIVER_KEY },
    heal: nothing,
  }),
  'the keys are of another client': async (on) => {
    await retrying(on);
    const keys = { activeKeyId: 'k', keys: { k: Buffer.alloc(32, 7).toString('base64') } };
    const TOPCALLS_ENCRYPTION_KEYS = JSON.stringify(keys);
    return { expected: [['encryption_keys']], env: { TOPCALLS_ENCRYPTION_KEYS }, heal: nothing };
  },
  'the server is killed': async (on) => {
    await on.server.kill('SIGKILL');
    return { expected: [['server']], heal: () => on.server.restart() };
  },
  'the server is frozen': async (on) => {
    process.kill(on.server.pid(), 'SIGSTOP');
    return {
      expected: [['server']],
      heal: async () => {
        process.kill(on.server.pid(), 'SIGCONT');
      },
    };
  },
  'the namespace does not exist': async () => ({
    expected: [['namespace']],
    env: { TEMPORAL_NAMESPACE: 'nowhere' },
    heal: nothing,
  }),
  'all slots are taken': async (on) => {
    await on.worker().end('SIGTERM');
    await on.startWorker({ SLOTS: '1' });
    // Each attempt lasts for 15 s, and only one goes at a time.
    const hangs = (): void => {};
    for (let calls = 0; calls < 14; calls += 1) await on.call(hangs, on.webhooks({ retryDelaysMs: [] }));
    await delay(75_000);
    return {
      expected: [['backlog', 'runs_overdue']],
      heal: async () => {
        await on.worker().end('SIGKILL');
        await on.startWorker();
      },
    };
  },
} satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;

/** Where faults of two parts are played together. */
export const PAIRS: readonly (readonly [FaultName, FaultName])[] = [
  ['the secrets file is broken', 'the worker is killed'],
  ['a workflow task fails', 'runs are terminated'],
  ['an activity is paused', 'the keys are broken'],
  ['runs are terminated', 'the worker is stopped'],
  ['an activity is paused', 'the database is down'],
  ['a migration is pending', 'the secrets file is broken'],
];
