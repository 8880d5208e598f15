/** When a worker is ready, by a clock that the test moves. With a real server: npm run doctor:faults. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { msToTs } from '@temporalio/common/lib/time';
import { webhookWorkerHealth, type WebhookWorkerHealthOptions } from '../../../worker/index.ts';

const START_MS = Date.parse('2026-01-31T23:20:00.000Z');
/** The server's clock is elsewhere. */
const SKEW_MS = -3_600_000;

/** What the server does with a question: it answers with the polls of so long ago, is silent, or refuses. Without
 *  `polledAgoMs` it names no poll of this worker, without `othersAgoMs` none of another. */
type Server = { readonly polledAgoMs?: number; readonly othersAgoMs?: number } | 'silent' | 'refuses';

let server: Server;
let state: 'INITIALIZED' | 'RUNNING' | 'DRAINING' | 'STOPPED' | 'FAILED';
let stop = (): void => {};

beforeEach(() => {
  jest.useFakeTimers({ now: START_MS });
  server = { polledAgoMs: 0 };
  state = 'RUNNING';
});
afterEach(() => {
  stop();
  jest.useRealTimers();
});

async function describeTaskQueue(): Promise<object> {
  if (server === 'silent') throw Object.assign(new Error('no'), { code: 14 });
  if (server === 'refuses') throw Object.assign(new Error('no'), { code: 7 });
  const poller = (identity: string, agoMs: number | undefined) =>
    agoMs === undefined ? [] : [{ identity, lastAccessTime: msToTs(Date.now() + SKEW_MS - agoMs) }];
  return { pollers: [...poller('another', server.othersAgoMs), ...poller('me', server.polledAgoMs)] };
}

function watch(options: WebhookWorkerHealthOptions = {}) {
  const connection = {
    workflowService: { describeTaskQueue },
    withDeadline: (_deadline: number, work: () => unknown) => work(),
  };
  const worker = {
    getState: () => state,
    connection,
    options: { namespace: 'default', taskQueue: 'q', identity: 'me' },
  };
  const health = webhookWorkerHealth(worker as unknown as Parameters<typeof webhookWorkerHealth>[0], options);
  stop = health.stop;
  return health;
}

const after = (ms: number) => jest.advanceTimersByTimeAsync(ms);

test('a worker is ready once the server has answered, and not before', async () => {
  const health = watch();
  expect(health.read()).toMatchObject({ ready: false, reasons: ['starting'] });
  await after(0);
  expect(health.read()).toEqual({
    ready: true,
    reasons: [],
    temporal: { lastAnswerAt: '2026-01-31T23:20:00.000Z', lastPollAt: '2026-01-31T23:20:00.000Z' },
    required: {},
  });
});

test('the first look is over once all have answered, or after 5 s with a port that hangs', async () => {
  await watch().firstLook;
  const health = watch({ required: { log: () => new Promise(() => {}) } });
  let isOver = false;
  void health.firstLook.then(() => (isOver = true));
  await after(4_999);
  expect(isOver).toBe(false);
  await after(1);
  expect(isOver).toBe(true);
  expect(health.read()).toMatchObject({ ready: false, reasons: ['port_down'] });
});

test('a server that is silent for 30 s makes it unready, and the first answer makes it ready again', async () => {
  const health = watch();
  await after(0);
  server = 'silent';
  await after(29_999);
  expect(health.read().ready).toBe(true);
  await after(1);
  expect(health.read()).toMatchObject({ reasons: ['temporal_silent'], temporal: { problem: 'no answer' } });
  server = { polledAgoMs: 0 };
  await after(5_000);
  expect(health.read()).toMatchObject({ ready: true });
  expect(health.read().temporal).not.toHaveProperty('problem');
});

test('a server that never answers is silent from the start', async () => {
  server = 'silent';
  const health = watch();
  await after(29_999);
  expect(health.read().reasons).toEqual(['starting']);
  await after(1);
  expect(health.read().reasons).toEqual(['temporal_silent']);
});

test('a server that sees no poll of anybody for 90 s makes it unready; one that does not say makes no difference', async () => {
  const health = watch();
  await after(0);
  const lastPollMs = Date.now();
  for (let seconds = 5; seconds <= 90; seconds += 5) {
    const agoMs = Date.now() + 5_000 - lastPollMs;
    server = { polledAgoMs: agoMs, othersAgoMs: agoMs + 60_000 };
    expect(health.read().ready).toBe(true);
    await after(5_000);
  }
  expect(health.read().reasons).toEqual(['not_polling']);
  server = 'refuses';
  await after(5_000);
  expect(health.read()).toMatchObject({ ready: true, temporal: { problem: 'refused with gRPC status 7' } });
});

// The server tells the pollers of the root partition only. Of many idle workers, some poll others for minutes.
test.each([
  ['was never seen there', {}, undefined],
  ['was seen there long ago', { polledAgoMs: 0 }, '2026-01-31T23:20:00.000Z'],
])('while others poll, a worker that %s stays ready', async (_what, first, lastPollAt) => {
  server = { ...first, othersAgoMs: 1_000 };
  const health = watch();
  await after(0);
  server = { othersAgoMs: 1_000 };
  await after(600_000);
  expect(health.read()).toMatchObject({ ready: true, reasons: [] });
  expect(health.read().temporal.lastPollAt).toBe(lastPollAt);
});

test('a task queue that no worker polls makes it unready after 90 s', async () => {
  server = {};
  const health = watch();
  await after(85_000);
  expect(health.read().ready).toBe(true);
  await after(5_000);
  expect(health.read().reasons).toEqual(['not_polling']);
});

test.each([
  ['INITIALIZED', 'starting'],
  ['DRAINING', 'draining'],
  ['STOPPED', 'stopped'],
  ['FAILED', 'stopped'],
] as const)('a worker that is %s is %s', async (is, reason) => {
  const health = watch();
  await after(0);
  state = is;
  expect(health.read().reasons).toEqual([reason]);
});

test('a required port that is down makes it unready; its problem is told without what may be private', async () => {
  let log: () => Promise<unknown> = async () => [];
  const health = watch({ required: { log: () => log() } });
  expect(health.read().reasons).toEqual(['starting']);
  await after(0);
  expect(health.read()).toMatchObject({ ready: true, required: { log: { up: true } } });
  log = () => Promise.reject(Object.assign(new Error('postgres://user:hush@db'), { code: 'ECONNREFUSED' }));
  await after(5_000);
  expect(health.read()).toMatchObject({ reasons: ['port_down'], required: { log: { problem: 'ECONNREFUSED' } } });
  expect(JSON.stringify(health.read())).not.toContain('hush');
  // It hangs: no second question is asked meanwhile, and it is down after 5 s.
  let asked = 0;
  log = () => {
    asked += 1;
    return new Promise(() => {});
  };
  await after(20_000);
  expect([asked, health.read().required['log']?.problem]).toEqual([1, 'no answer within 5 s']);
});
