/** Why a run stands still, from hand-made descriptions. With a real server: test/integration/stalled.test.ts. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import { deliveryLogUnavailable, hostNotNotified, notReady } from '../../../activities/delivery-failure.ts';
import { stalledIn, whyUnheard } from '../../../client/stalled.ts';
import { aDeliveryEvent } from '../../support/builders.ts';
import { stopClock } from '../../support/stopped-clock.ts';

const NOW_MS = Date.parse('2026-01-31T23:20:00.000Z');
beforeEach(() => stopClock(NOW_MS));
afterEach(() => void jest.useRealTimers());

/** Times before now, ms. */
const LONG_AGO = 60_000;
const JUST_NOW = 100;
const ago = (ms: number) => msToTs(NOW_MS - ms);

type Polled = number | 'never' | 'forbidden' | 'for workflow tasks';

function aClient(polled: Polled): Client {
  const describeTaskQueue = async ({ taskQueueType }: { readonly taskQueueType: number }) => {
    if (polled === 'forbidden') throw new Error('PERMISSION_DENIED');
    const isPolled = polled === 'for workflow tasks' ? taskQueueType === 1 : polled !== 'never';
    return { pollers: isPolled ? [{ lastAccessTime: ago(typeof polled === 'number' ? polled : 0) }] : [] };
  };
  return {
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
    workflowService: { describeTaskQueue },
  } as unknown as Client;
}

function read(raw: object, polled: Polled = 0, status = 'RUNNING') {
  const description = { raw, taskQueue: 'q', status: { name: status } } as unknown as WorkflowExecutionDescription;
  return stalledIn(aClient(polled), description, []);
}

const why = async (...given: Parameters<typeof read>) => (await read(...given)).stalled?.why;

const task = (waits: number, change: object = {}) => ({
  pendingWorkflowTask: { state: 1, attempt: 1, scheduledTime: ago(waits), ...change },
});
const activity = (change: object) => ({ pendingActivities: [{ state: 1, activityId: 'deliver/ep_1/1.1', ...change }] });

test.each([
  ['nobody has polled for five minutes', task(JUST_NOW), 'never', 'no_worker'],
  ['a worker has asked since the task came', task(LONG_AGO), JUST_NOW, undefined],
  ['nobody has asked since the task came, a minute ago', task(LONG_AGO), LONG_AGO * 2, 'no_worker'],
  ['the task has come just now', task(JUST_NOW), LONG_AGO, undefined],
  ['a worker has the task', task(LONG_AGO, { state: 2 }), 'never', undefined],
  ['this client may not ask', task(LONG_AGO), 'forbidden', undefined],
  ['an activity is due, and nobody polls', activity({ scheduledTime: ago(LONG_AGO) }), 'never', 'no_worker'],
  ['an activity waits for its next try', activity({ nextAttemptScheduleTime: ago(-LONG_AGO) }), 'never', undefined],
  ['an activity is due later', activity({ scheduledTime: ago(-LONG_AGO) }), 'never', undefined],
  ['an activity is in flight', activity({ state: 2, scheduledTime: ago(LONG_AGO) }), 'never', undefined],
  ['nothing is pending', {}, 'never', undefined],
] as const)('%s', async (_what, raw, polled, expected) => {
  expect(await why(raw, polled)).toBe(expected);
});

test('a task that fails is told before what else waits; without a failure in history it was not answered in time', async () => {
  const failing = { ...task(LONG_AGO, { state: 2, attempt: 3 }), ...activity({ paused: true }) };
  expect(await why(failing)).toBe('task_failing');
  expect(await why(failing, 0, 'COMPLETED')).toBeUndefined();
});

test.each([
  [2, [], 'was not answered in time once: ', 'doctor'],
  [4, [{ workflowTaskTimedOutEventAttributes: {} }], 'was not answered in time 3 times in a row: ', 'doctor'],
  [
    2,
    [{ workflowTaskFailedEventAttributes: { failure: { message: 'no key k2' } } }],
    'has failed once: no key',
    'keys',
  ],
  [3, [{ workflowTaskFailedEventAttributes: {} }], 'has failed 2 times in a row: the server does not say why', 'keys'],
  // Without its history nobody knows.
  [3, undefined, 'has failed 2 times in a row', 'deploy the fixed worker'],
] as const)('a task in its attempt %d, after %j, %s', async (attempt, events, problem, fix) => {
  const raw = task(LONG_AGO, { state: 2, attempt });
  const description = { raw, taskQueue: 'q', status: { name: 'RUNNING' } } as unknown as WorkflowExecutionDescription;
  const { stalled } = await stalledIn(aClient(0), description, events);
  expect(stalled?.problem).toContain(`its workflow task ${problem}`);
  expect(stalled?.fix).toContain(fix);
});

const startedAs = (encoding: string) => ({
  workflowExecutionStartedEventAttributes: { input: { payloads: [{ metadata: { encoding: Buffer.from(encoding) } }] } },
});
const completed = { workflowTaskCompletedEventAttributes: {}, eventId: 16 };
const signaled = (signalName: string) => ({ workflowExecutionSignaledEventAttributes: { signalName } });
/** The details are the server's own, in `json/plain`. */
const cancelledWhileWaiting = {
  activityTaskCanceledEventAttributes: {
    details: { payloads: [defaultPayloadConverter.toPayload('ACTIVITY_ID_NOT_STARTED')] },
  },
};
const failedOf = (message: string) => ({ workflowTaskFailedEventAttributes: { failure: { message } } });
const RESET = 'temporal workflow reset -w call-webhook/c1 --event-id 16 --reapply-exclude Signal';

test.each([
  ['another encoding', [completed, signaled('cancel'), failedOf('Unknown encoding: binary/odd')], RESET],
  ['no JSON', [completed, signaled('retryNow'), failedOf('Unexpected token h in JSON at position 0')], RESET],
  ['no JSON at all', [completed, signaled('cancel'), failedOf('Unexpected end of JSON input')], RESET],
  [
    'reports of attempts before it',
    [completed, signaled('attemptFailed'), signaled('cancel'), failedOf('JSON')],
    RESET,
  ],
  [
    'another encoding than that of the run',
    [startedAs('json/plain'), completed, signaled('cancel'), failedOf('Unknown encoding: binary/encrypted')],
    RESET,
  ],
  [
    'the encoding of the run itself: the worker lacks keys',
    [startedAs('binary/encrypted'), completed, signaled('cancel'), failedOf('Unknown encoding: binary/encrypted')],
    'give it the right keys',
  ],
  [
    'none, but what the server writes into an attempt that a retryNow cancels',
    [
      startedAs('json/host'),
      completed,
      cancelledWhileWaiting,
      signaled('retryNow'),
      failedOf('Unknown encoding: json/plain'),
    ],
    'the data converter of every worker must read json/plain too',
  ],
  ['no task done before', [signaled('cancel'), failedOf('Unknown encoding: x')], 'terminate the run'],
  ['another cause', [completed, signaled('cancel'), failedOf('unknown_key: k2')], 'give it the right keys'],
  ['a bad report, and no signal of a person', [completed, signaled('attemptFailed'), failedOf('JSON')], 'right keys'],
  ['a signal that was heard', [signaled('cancel'), completed, failedOf('not valid JSON')], 'give it the right keys'],
] as const)('a task that fails of a signal: %s', async (_what, events, fix) => {
  const raw = task(LONG_AGO, { state: 2, attempt: 3 });
  const description = { workflowId: 'call-webhook/c1', raw, taskQueue: 'q', status: { name: 'RUNNING' } };
  const { stalled } = await stalledIn(aClient(0), description as never, events as never);
  expect(stalled?.fix).toContain(fix);
});

test.each([
  ...Object.entries({
    secret_store_down: 'bring the store of secrets back; the webhook then goes by itself',
    no_activity: 'a worker without our activities polls this task queue',
    stored_payload: 'external storage',
    timeout_tls_queue: 'add workers',
    constructor: 'fix our own side (docs/errors.md); the webhook then goes by itself',
    something_new: 'fix our own side (docs/errors.md); the webhook then goes by itself',
  }).map(([code, fix]) => [code, 'waitForUs', notReady(code, 'a.example.com', 30_000), fix] as const),
  ['postgres_schema', 'recordDelivery', deliveryLogUnavailable('postgres_schema'), 'db migrate'],
  ['no_port', 'notifyDelivery', hostNotNotified(aDeliveryEvent(), 'no_port'), 'the same deliveryEvents'],
  ['http_500', 'notifyDelivery', hostNotNotified(aDeliveryEvent(), 'http_500'), 'fix what takes deliveryEvents'],
] as const)('%s: what helps is told by the code in the failure of %s', async (_code, name, { message }, fix) => {
  const waiting = { activityType: { name }, nextAttemptScheduleTime: ago(-LONG_AGO), lastFailure: { message } };
  expect((await read(activity(waiting))).stalled?.fix).toContain(fix);
});

test.each([
  ['no worker at all', 'no_worker', activity({ scheduledTime: ago(LONG_AGO) }), 'never'],
  ['a worker with all slots taken', undefined, activity({ scheduledTime: ago(LONG_AGO) }), 'for workflow tasks'],
  ['nobody takes the workflow task', 'no_worker', task(LONG_AGO), 'never'],
  [
    'a failing task beside a full worker',
    'task_failing',
    { ...task(LONG_AGO, { state: 2, attempt: 3 }), ...activity({ scheduledTime: ago(LONG_AGO) }) },
    'for workflow tasks',
  ],
  ['nothing pending, and no worker', 'no_worker', {}, 'never'],
  ['a paused activity', undefined, activity({ paused: true }), 0],
] as const)('a signal to deliveries that wait, with %s: unheard for %p', async (_what, unheard, raw, polled) => {
  const run = { taskQueue: 'q', ...(await read(raw, polled)) };
  expect((await whyUnheard(aClient(polled), run, { someWait: true }))?.why).toBe(unheard);
  // Where nothing waits, the cause is told, and no signal is needed.
  expect(await whyUnheard(aClient(polled), run, { someWait: false })).toEqual(run.stalled);
});

test('a full worker is told as such', async () => {
  const { stalled } = await read(activity({ scheduledTime: ago(LONG_AGO) }), 'for workflow tasks');
  expect(stalled).toMatchObject({
    why: 'no_worker',
    problem: 'no worker polls the task queue "q" for activities, or all its slots are taken',
    fix: 'start a worker for this task queue and namespace, or one more; nothing is lost meanwhile',
  });
});

test('what is paused has the command that unpauses it, with ids as a shell takes them', async () => {
  const raw = activity({ paused: true, activityId: "deliver/ep_1/1.1 o'clock" });
  const run = { raw, taskQueue: 'q', status: { name: 'RUNNING' }, workflowId: 'call-webhook/a%20b' };
  const { stalled } = await stalledIn(aClient(0), run as unknown as WorkflowExecutionDescription, []);
  expect(stalled?.fix).toContain(
    "`temporal activity unpause -w call-webhook/a%20b --activity-id 'deliver/ep_1/1.1 o'\\''clock'`",
  );
});

test('a pause that was asked for counts, whoever asked', async () => {
  for (const paused of [{ paused: true }, { state: 4 }, { state: 5 }])
    expect(await why(activity(paused))).toBe('paused');
});

test('an activity that waits for us, for the log or for the host’s notify, says so after its first failure only', async () => {
  const lastFailure = { message: 'the store is sealed' };
  for (const [name, expected] of [
    ['waitForUs', 'waiting_for_us'],
    ['recordDelivery', 'waiting_for_log'],
    ['notifyDelivery', 'waiting_for_notify'],
    ['fetchArtifacts', undefined],
  ] as const) {
    const waiting = { activityType: { name }, nextAttemptScheduleTime: ago(-LONG_AGO) };
    expect(await why(activity({ ...waiting, lastFailure }))).toBe(expected);
    expect(await why(activity(waiting))).toBeUndefined();
  }
});

/** A queue that versions 1 and 2 poll, just now. */
function versioned(current: string | undefined, polling: readonly string[]): Client {
  const version = (buildId: string) => ({ deploymentName: 'webhooks', buildId });
  const describeTaskQueue = async () => ({
    pollers: polling.map((buildId) => ({
      identity: buildId,
      lastAccessTime: ago(0),
      ...(buildId !== '' && { deploymentOptions: { ...version(buildId), workerVersioningMode: 2 } }),
    })),
    versioningInfo: current === undefined ? {} : { currentDeploymentVersion: version(current) },
  });
  return {
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
    workflowService: { describeTaskQueue },
  } as unknown as Client;
}

const pinnedTo = (buildId: string, versioningOverride?: object) => ({
  workflowExecutionInfo: {
    versioningInfo: { behavior: 1, deploymentVersion: { deploymentName: 'webhooks', buildId }, versioningOverride },
  },
});
const SET_2 = 'temporal worker deployment set-current-version --deployment-name webhooks --build-id 2 --yes';

test.each([
  ['pinned to a version that polls', '2', ['1', '2'], pinnedTo('1'), undefined],
  ['pinned to a version that is gone', '2', ['2'], pinnedTo('1'), 'webhooks:1'],
  ['let go to the current version', '2', ['2'], pinnedTo('1', { autoUpgrade: true }), undefined],
  [
    'pinned elsewhere by an operator',
    '2',
    ['2'],
    pinnedTo('2', { pinned: { version: { deploymentName: 'webhooks', buildId: '3' } } }),
    'webhooks:3',
  ],
  ['new, and the current version polls', '2', ['1', '2'], {}, undefined],
  ['new, and no version is current', undefined, ['2'], {}, 'webhooks:2'],
  ['new, and another version is current', '1', ['2'], {}, 'webhooks:2'],
  ['new, and workers without a version poll beside others', undefined, ['2', ''], {}, undefined],
] as const)('a run that is %s', async (_what, current, polling, run, version) => {
  const raw = { ...task(LONG_AGO), ...run };
  const description = { raw, taskQueue: 'q', status: { name: 'RUNNING' } } as unknown as WorkflowExecutionDescription;
  const { stalled } = await stalledIn(versioned(current, polling), description, []);
  expect([stalled?.why, stalled?.version]).toEqual(
    version === undefined ? [undefined, undefined] : ['no_worker', version],
  );
  if (version === 'webhooks:2') expect(stalled?.fix).toContain(SET_2);
});

test('a signal to a run whose version is gone is unheard', async () => {
  const description = { raw: pinnedTo('1'), taskQueue: 'q', status: { name: 'RUNNING' } };
  const client = versioned('2', ['2']);
  const run = { taskQueue: 'q', ...(await stalledIn(client, description as never, [])) };
  expect(run).toEqual({ taskQueue: 'q', version: 'webhooks:1' });
  expect(await whyUnheard(client, run, { someWait: true })).toMatchObject({ why: 'no_worker', version: 'webhooks:1' });
});

test('without a version the task of a run says nothing of workers whose version is not current', async () => {
  const description = { raw: task(JUST_NOW), taskQueue: 'q', status: { name: 'RUNNING' } };
  const { stalled } = await stalledIn(versioned('1', ['']), description as never, []);
  expect(stalled).toMatchObject({ why: 'no_worker', problem: 'no worker polls the task queue "q" for workflow tasks' });
});
