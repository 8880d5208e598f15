/** The options of `setup --maintenance`, and what the routine's activities refuse. */
import { expect, test } from '@jest/globals';
import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import type { PostgresDeliveryLog } from '../../../../adapters/index.ts';
import { maintenanceSettings, type MaintenanceOptions } from '../../../../cli/commands/setup/maintenance-options.ts';
import { applySchedules, removeSchedules } from '../../../../cli/commands/setup/maintenance.ts';
import { typedSpan } from '../../../../cli/process/time-span.ts';
import { maintenanceActivities } from '../../../../cli/worker/maintenance-activities.ts';
import type { MaintenanceInput } from '../../../../contract/maintenance.ts';
import { type NotedRequest, notingDeadlines } from '../../../support/noting-deadlines.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const settings = (options: Partial<MaintenanceOptions>, env = {}) =>
  maintenanceSettings({ maintenance: false, removeMaintenance: false, ...options }, env);

test('without --maintenance there are no schedules, and its options alone are a mistake', () => {
  expect(settings({})).toBeUndefined();
  expect(settings({ removeMaintenance: true })).toBeUndefined();
  for (const option of [{ pruneOlderThan: DAY }, { taskQueue: 'q' }, { reconcileEvery: DAY }])
    expect(() => settings(option)).toThrow(/: add --maintenance$/);
  expect(() => settings({ maintenance: true, removeMaintenance: true })).toThrow('exclude each other');
});

test('the defaults are hourly and daily; the task queue is that of the worker', () => {
  expect(settings({ maintenance: true })).toEqual({
    taskQueue: 'topcalls-webhooks',
    reconcileEveryMs: 60 * MINUTE,
    reconcileSinceMs: 2 * DAY,
    pruneEveryMs: DAY,
    pruneOlderThanMs: 400 * DAY,
  });
  expect(settings({ maintenance: true }, { TOPCALLS_TASK_QUEUE: 'mine' })?.taskQueue).toBe('mine');
});

test('what would leave gaps, empty the log or never rest is refused', () => {
  const maintenance = true;
  expect(() => settings({ maintenance, reconcileEvery: 2 * DAY })).toThrow('at least twice the interval');
  expect(() => settings({ maintenance, reconcileEvery: 30_000, reconcileSince: DAY })).toThrow('at least 1m');
  expect(() => settings({ maintenance, pruneOlderThan: 90 * MINUTE })).toThrow('below a day');
});

test('spans are written as they are typed', () => {
  expect([2 * DAY, 90 * MINUTE, 60 * MINUTE, 1_000, Number.NaN, undefined].map(typedSpan)).toEqual([
    '2d',
    '90m',
    '1h',
    '1s',
    '?',
    '?',
  ]);
});

const run = (log: PostgresDeliveryLog | undefined, name: 'reconcileDeliveryLog' | 'pruneDeliveryLog', input: unknown) =>
  new MockActivityEnvironment().run(
    maintenanceActivities(log, pino({ level: 'silent' }))[name],
    input as MaintenanceInput,
  );

test('a worker without a log fails for good, and so does a limit that cannot be meant', async () => {
  const touched: unknown[] = [];
  const log = { list: async () => [], prune: async (options: unknown) => touched.push(options) };
  const open = log as unknown as PostgresDeliveryLog;
  const bad = [
    { job: 'prune' },
    { job: 'prune', olderThanMs: 0 },
    { job: 'prune', olderThanMs: '90d' },
    { job: 'x' },
    {},
  ];
  for (const input of bad)
    await expect(run(open, 'pruneDeliveryLog', input)).rejects.toMatchObject({ nonRetryable: true });
  await expect(run(open, 'reconcileDeliveryLog', { job: 'reconcile' })).rejects.toMatchObject({ nonRetryable: true });
  expect(touched).toEqual([]);
  await expect(run(undefined, 'pruneDeliveryLog', { job: 'prune', olderThanMs: DAY })).rejects.toMatchObject({
    nonRetryable: true,
    message: expect.stringContaining('this worker has no delivery log'),
  });
});

test('a log that is down fails so that it is tried again; a worker that stops does not wait for the work', async () => {
  const down = { prune: () => Promise.reject(new Error('no answer from the server')) };
  const input = { job: 'prune', olderThanMs: DAY };
  await expect(run(down as unknown as PostgresDeliveryLog, 'pruneDeliveryLog', input)).rejects.toMatchObject({
    type: 'MaintenanceFailed',
    nonRetryable: false,
    message: 'no answer from the server',
  });
  const hanging = { prune: () => new Promise(() => {}) } as unknown as PostgresDeliveryLog;
  const stopping = new MockActivityEnvironment();
  const activities = maintenanceActivities(hanging, pino({ level: 'silent' }));
  const working = stopping.run(
    (each: MaintenanceInput) => activities.pruneDeliveryLog(each),
    input as MaintenanceInput,
  );
  stopping.cancel('WORKER_SHUTDOWN');
  await expect(working).rejects.toMatchObject({ name: 'CancelledFailure' });
});

test('no request about the Schedules can wait for ever', async () => {
  const wanted = maintenanceSettings({ maintenance: true, removeMaintenance: false }, {});
  if (wanted === undefined) throw new Error('settings are missing');
  const absent = new ScheduleNotFoundError('no', 'id');
  const changed = { state: { paused: false }, spec: {}, action: {}, policies: {} };
  const asked: NotedRequest[] = [];
  const play = async (answers: Record<string, unknown>, work: (client: Client) => Promise<unknown>) => {
    const { client, requests } = notingDeadlines(answers);
    await work(client);
    asked.push(...requests);
  };
  await play({ describe: absent, create: {} }, (client) => applySchedules(client, wanted, false));
  await play({ describe: changed, update: undefined }, (client) => applySchedules(client, wanted, false));
  await play({ delete: undefined }, (client) => removeSchedules(client, false));
  await play({ describeSchedule: {} }, (client) => removeSchedules(client, true));
  const names = asked.map(({ name }) => name);
  expect(new Set(names)).toEqual(new Set(['describe', 'create', 'update', 'delete', 'describeSchedule']));
  expect(asked.filter(({ deadline }) => deadline === undefined)).toEqual([]);
});
