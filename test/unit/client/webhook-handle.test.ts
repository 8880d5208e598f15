/** What a handle says of time limits, with a hand-made Temporal client. With a real server: test/integration. */
import { afterEach, expect, jest, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { StillRunningError, WebhookClient, WebhookHandle } from '../../../client/index.ts';
import type { PendingDelivery, RunFacts } from '../../../client/run-facts.ts';
import type { Runs } from '../../../client/runs.ts';
import { aRunInput } from '../../support/builders.ts';
import { endsAfter, stopClock } from '../../support/stopped-clock.ts';

afterEach(() => void jest.useRealTimers());

const grpc = (code: number, details: string): Error =>
  Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
const never = (): Promise<never> => new Promise(() => undefined);

type Temporal = {
  readonly result?: () => Promise<unknown>;
  readonly describe?: () => Promise<unknown>;
  readonly getSystemInfo?: () => Promise<unknown>;
};

function aHandle({ result = never, describe = never, getSystemInfo = never }: Temporal): WebhookHandle {
  const client = {
    options: { namespace: 'default' },
    connection: { options: { address: 'temporal.internal:7233' } },
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
    workflow: { start: never, getHandle: (workflowId: string) => ({ workflowId, result, describe }) },
    workflowService: { getSystemInfo },
  } as unknown as Client;
  return new WebhookClient(client).call('call-1');
}

test('result({ timeoutMs }) of a run that goes on rejects with ResultTimeoutError when the time is over', async () => {
  const handle = aHandle({ describe: async () => ({}) });
  stopClock();
  await expect(endsAfter(300, handle.result({ timeoutMs: 300 }))).rejects.toMatchObject({
    name: 'ResultTimeoutError',
    code: 'result_timeout',
    retryable: true,
    workflowId: 'call-webhook/call-1',
    timeoutMs: 300,
    message: 'call-webhook/call-1 has not ended within 300 ms. It goes on: call result() again, or look at status().',
  });
});

test('it is the same where the connection notices the end of the time first', async () => {
  const handle = aHandle({ describe: async () => ({}), result: () => Promise.reject(grpc(4, 'deadline exceeded')) });
  await expect(handle.result({ timeoutMs: 300 })).rejects.toMatchObject({ code: 'result_timeout' });
});

test('a server that did not answer at all in a second or more is not a run that goes on', async () => {
  const handle = aHandle({});
  stopClock();
  await expect(endsAfter(1_000, handle.result({ timeoutMs: 1_000 }))).rejects.toMatchObject({
    code: 'temporal_unavailable',
    message: expect.stringMatching(
      /^Temporal did not answer within 1000 ms .* Its address is temporal\.internal:7233\./,
    ),
  });
});

test.each<[string, (handle: WebhookHandle) => Promise<unknown>]>([
  ['status', (handle) => handle.status()],
  ['request', (handle) => handle.request()],
  ['cancel', (handle) => handle.cancel()],
  ['retryNow', (handle) => handle.retryNow()],
  ['redeliver', (handle) => handle.redeliver()],
])('%s rejects after 10 s although the SDK still waits for its next try', async (_name, ask) => {
  const handle = aHandle({});
  stopClock();
  await expect(endsAfter(10_000, ask(handle))).rejects.toMatchObject({
    code: 'temporal_unavailable',
    message: expect.stringMatching(/^Temporal did not answer within 10000 ms \(\w+ call-webhook\/call-1\)/),
  });
});

test('an answer that no server is there came before any time was over, so none is named', async () => {
  const handle = aHandle({ describe: () => Promise.reject(grpc(14, 'connect ECONNREFUSED 10.0.0.7:7233')) });
  await expect(handle.status()).rejects.toMatchObject({
    code: 'temporal_unavailable',
    message: expect.stringMatching(/^Temporal did not answer \(reading call-webhook\/call-1\)\. .*ECONNREFUSED/),
  });
});

test('in less than a second a server that lives may not have answered: it is a timeout of the wait', async () => {
  const handle = aHandle({});
  stopClock();
  const told = {
    code: 'result_timeout',
    timeoutMs: 999,
    message:
      'Temporal had not said within 999 ms whether call-webhook/call-1 has ended: call result() again, or look at status().',
  };
  await expect(endsAfter(999, handle.result({ timeoutMs: 999 }))).rejects.toMatchObject(told);
  const noticed = aHandle({ result: () => Promise.reject(grpc(4, 'deadline exceeded')) });
  await expect(noticed.result({ timeoutMs: 999 })).rejects.toMatchObject(told);
  // An answer that it is not there needs no time.
  const refused = aHandle({ result: () => Promise.reject(grpc(14, 'connect ECONNREFUSED 10.0.0.7:7233')) });
  await expect(refused.result({ timeoutMs: 999 })).rejects.toMatchObject({ code: 'temporal_unavailable' });
});

test('a result that comes in time is the result, with a limit and without', async () => {
  const outcome = { state: 'delivered', deliveries: [] };
  const handle = aHandle({ result: async () => outcome });
  expect([await handle.result({ timeoutMs: 60_000 }), await handle.result()]).toEqual([outcome, outcome]);
});

test.each([{ timeoutMs: 0 }, { timeoutMs: Number.NaN }, { timeoutMs: '5s' }, { timeoutMs: 1e12 }, { timeout: 5 }])(
  'result(%j) is refused by name',
  async (request) => {
    await expect(aHandle({}).result(request as never)).rejects.toMatchObject({ code: 'invalid_input' });
  },
);

test.each(['nope', '', 'call-1', '01a2b3c4-0000-4000-8000-00000000000g', 7])(
  'request({ runId: %j }) is refused by name',
  async (runId) => {
    await expect(aHandle({}).request({ runId } as never)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('runId'),
    });
  },
);

test.each([{ reason: 'mended' }, { endpointId: 'ep_1' }, { reason: '', endpointId: 'ep_1' }])(
  'cancel({ letGo: true }) with %j is refused, for it would be ignored',
  async (also) => {
    await expect(aHandle({}).cancel({ letGo: true, ...also })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(
        'letGo: a boolean: cancels nothing and closes the run, so it takes neither reason nor',
      ),
    });
  },
);

test('a connection that is refused is told with address, words and cause', async () => {
  const cause = grpc(14, 'connect ECONNREFUSED 10.0.0.7:7233');
  const refused = new Error('Failed to get history', { cause });
  for (const asked of [
    aHandle({ result: () => Promise.reject(cause) }).result(),
    aHandle({ describe: () => Promise.reject(refused) }).status(),
  ]) {
    await expect(asked).rejects.toMatchObject({
      code: 'temporal_unavailable',
      cause: expect.any(Error),
      message: expect.stringMatching(
        /^Temporal did not answer.* Its address is temporal\.internal:7233\. .*ECONNREFUSED 10\.0\.0\.7:7233$/,
      ),
    });
  }
});

test('a run that takes too long while the server answers is slow, and the server is not taken for dead', async () => {
  const late = { describe: () => Promise.reject(grpc(4, 'deadline exceeded')) };
  await expect(aHandle({ ...late, getSystemInfo: async () => ({}) }).status()).rejects.toMatchObject({
    name: 'SlowRunError',
    code: 'slow_run',
    retryable: true,
    message: expect.stringContaining('reading call-webhook/call-1 took longer than 10000 ms, while Temporal answers'),
  });
  const forced = aHandle({ ...late, getSystemInfo: async () => ({}) }).redeliver({ force: true });
  await expect(forced).rejects.toMatchObject({
    code: 'slow_run',
    message: expect.stringContaining('Look at status() first: calling again with force sends the webhook again.'),
  });
  const refusal = () => Promise.reject(grpc(7, 'not allowed'));
  await expect(aHandle({ ...late, getSystemInfo: refusal }).cancel()).rejects.toMatchObject({ code: 'slow_run' });
  const dead = () => Promise.reject(grpc(4, 'deadline exceeded'));
  await expect(aHandle({ ...late, getSystemInfo: dead }).status()).rejects.toMatchObject({
    code: 'temporal_unavailable',
  });
});

test('a run that was let go and is still open after 5 s is one that closes, and no error', async () => {
  const workflowId = 'call-webhook/call-1';
  const run = {
    workflowId,
    runId: 'r-1',
    status: 'RUNNING',
    input: aRunInput(),
    facts: [{ kind: 'recording', atMs: 0, record: { endpointId: 'ep_1', state: 'gone', attempts: [] } }],
    pending: [],
    stalled: { why: 'waiting_for_notify', problem: 'http_500', fix: 'fix it' },
  } as unknown as RunFacts;
  const lettingGo = (letGo: () => Promise<void>): Promise<unknown> => {
    const runs: Pick<Runs, 'request' | 'read' | 'letGo'> = {
      request: (_asked, work) => work(),
      read: async () => run,
      letGo,
    };
    return new WebhookHandle(runs as Runs, workflowId).cancel({ letGo: true });
  };
  expect(await lettingGo(() => Promise.reject(new StillRunningError(workflowId)))).toEqual({ accepted: true });
  await expect(lettingGo(() => Promise.reject(grpc(14, 'connection lost')))).rejects.toThrow('connection lost');
});

/** A run whose first attempt has told its failure. Each look shows the next of `shown`, and the last one again. */
function aFailingRun(...shown: readonly Partial<PendingDelivery>[]) {
  const input = aRunInput();
  const [endpoint] = input.endpoints;
  if (endpoint === undefined) throw new Error('a run has an endpoint');
  const { endpointId } = endpoint;
  const times = { startedAt: '2025-12-22T10:31:00.000Z', nextAttemptAt: '2025-12-22T10:32:00.040Z' };
  const attempt = { number: 1, trigger: 'schedule', ...times, durationMs: 40, outcome: 'http', status: 503 };
  const facts = [
    { kind: 'delivering', atMs: 0, input: { endpoint, attemptsMade: 0, trigger: 'schedule', body: '{}' } },
    { kind: 'attempt_failed', atMs: 0, report: { endpointId, attempt, nextDelayMs: 60_000 } },
  ];
  const looks = jest.fn<() => Promise<RunFacts>>();
  const signals = jest.fn<Runs['signal']>().mockResolvedValue(true);
  const facing = (pending: Partial<PendingDelivery> = {}) => {
    const open = { endpointId, attemptsMade: 0, isWaiting: false, ...pending };
    return {
      workflowId: 'call-webhook/call-1',
      status: 'RUNNING',
      input,
      facts,
      pending: [open],
    } as unknown as RunFacts;
  };
  for (const pending of shown.slice(0, -1)) looks.mockResolvedValueOnce(facing(pending));
  looks.mockResolvedValue(facing(shown.at(-1)));
  const runs = {
    request: (_asked: unknown, work: () => Promise<unknown>) => work(),
    read: looks,
    signal: signals,
    whyUnheard: async () => undefined,
  } as unknown as Runs;
  return { handle: new WebhookHandle(runs, 'call-webhook/call-1'), looks, signals, endpointId };
}
const IN_FLIGHT = { isWaiting: false, attemptsMade: 0 };
const WAITS = { isWaiting: true, attemptsMade: 1 };

test('retryNow of an attempt that told its failure a moment ago waits for the wait to begin, and ends it', async () => {
  const { handle, looks, signals, endpointId } = aFailingRun(IN_FLIGHT, IN_FLIGHT, WAITS);
  expect((await handle.status()).state).toBe('retrying');
  expect(await handle.retryNow()).toEqual({ accepted: true, endpointIds: [endpointId] });
  expect(looks).toHaveBeenCalledTimes(3);
  expect(signals).toHaveBeenCalledWith('call-webhook/call-1', 'retryNow', { endpointId, attemptsMade: 1 });
});

test('a retryNow that looks for a wait which another one ends meanwhile leaves the wait after the next attempt', async () => {
  const { handle, looks, signals } = aFailingRun(IN_FLIGHT, { isWaiting: true, attemptsMade: 2 });
  expect(await handle.retryNow()).toEqual({ accepted: false, state: 'retrying' });
  expect(looks).toHaveBeenCalledTimes(2);
  expect(signals).not.toHaveBeenCalled();
});

test('a wait that never begins, because its worker was killed, is looked for 3 s, and nothing is sent', async () => {
  const { handle, signals } = aFailingRun(IN_FLIGHT);
  stopClock();
  expect(await endsAfter(3_000, handle.retryNow())).toEqual({ accepted: false, state: 'retrying' });
  expect(signals).not.toHaveBeenCalled();
});

test.each([
  ['the next attempt is in flight', { isWaiting: false, attemptsMade: 1 }, { accepted: false, state: 'retrying' }],
  ['the attempt waits already', WAITS, { accepted: true }],
])('where %s, retryNow looks once', async (_what, shown, answer) => {
  const { handle, looks } = aFailingRun(shown);
  expect(await handle.retryNow()).toMatchObject(answer);
  expect(looks).toHaveBeenCalledTimes(1);
});
