/** When a worker is ready, by a clock that the test moves. With a real server: npm run doctor:faults. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { msToTs } from '@temporalio/common/lib/time';
import { webhookWorkerHealth, type WebhookWorkerHealthOptions } from '../../../worker/index.ts';

const START_MS = Date.parse('2026-01-31T23:20:00.000Z');
/** The server's clock is elsewhere. */
const SKEW_MS = -3_600_000;

/** What the server does with a question: it answers with the poll of so long ago, is silent, or refuses. */
type Server = { readonly polledAgoMs: number } | 'silent' | 'refuses';

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
  const lastAccessTime = msToTs(Date.now() + SKEW_MS - server.polledAgoMs);
  return {
    pollers: [
      { identity: 'another', lastAccessTime: msToTs(Date.now()) },
      { identity: 'me', lastAccessTime },
    ],
  };
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

test('a server that sees no poll for 90 s makes it unready; one that does not say makes no difference', async () => {
  const health = watch();
  await after(0);
  const lastPollMs = Date.now();
  for (let seconds = 5; seconds <= 90; seconds += 5) {
    server = { polledAgoMs: Date.now() + 5_000 - lastPollMs };
    expect(health.read().ready).toBe(true);
    await after(5_000);
  }
  expect(health.read().reasons).toEqual(['not_polling']);
  server = 'refuses';
  await after(5_000);
  expect(health.read()).toMatchObject({ ready: true, temporal: { problem: 'refused with gRPC status 7' } });
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
