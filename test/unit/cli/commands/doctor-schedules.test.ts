/** How the doctor judges the routine's Schedules. With a real server: test/integration/request-and-erase.test.ts. */
import { describe, expect, test } from '@jest/globals';
import { msToTs } from '@temporalio/common/lib/time';
import { ofSchedules } from '../../../../cli/commands/doctor/judge-schedules.ts';
import { schedulesOf, type ScheduleSeen } from '../../../../cli/commands/doctor/look-at-schedules.ts';
import { notingDeadlines } from '../../../support/noting-deadlines.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-01-31T12:00:00.000Z');
const ago = (ms: number): number => NOW - ms;

const aSchedule = (change: Partial<ScheduleSeen> = {}): ScheduleSeen => ({
  everyMs: HOUR,
  isPaused: false,
  changedMs: ago(100 * HOUR),
  last: { workflowId: 'webhook-maintenance/reconcile-1', startedMs: ago(HOUR), isOver: true, hasFailed: false },
  ...change,
});
const aLast = (change: Partial<NonNullable<ScheduleSeen['last']>>): Partial<ScheduleSeen> => ({
  last: {
    workflowId: 'webhook-maintenance/reconcile-1',
    startedMs: ago(HOUR),
    isOver: true,
    hasFailed: false,
    ...change,
  },
});

const told = (schedule: ScheduleSeen | undefined) =>
  ofSchedules({ reconcile: schedule, prune: aSchedule() }, NOW).map(({ problem }) => problem);

test('nothing is told where the routine was never set up, or does its work', () => {
  expect(ofSchedules({ reconcile: undefined, prune: undefined }, NOW)).toEqual([]);
  expect(ofSchedules({}, NOW)).toEqual([]);
  expect(told(aSchedule())).toEqual([]);
  // The first run after setup is still to come.
  const { last: _none, ...fresh } = aSchedule({ changedMs: ago(2 * HOUR) });
  expect(told(fresh)).toEqual([]);
});

test.each<readonly [string, ScheduleSeen | undefined, RegExp]>([
  ['missing', undefined, /^the Schedule reconcile is missing/],
  ['paused', aSchedule({ isPaused: true, ...aLast({ hasFailed: true }) }), /reconcile is paused$/],
  ['failed', aSchedule(aLast({ hasFailed: true })), /its run of 2026-01-31T11:00:00.000Z did not do its work$/],
  [
    'late',
    aSchedule(aLast({ startedMs: ago(3 * HOUR + 1) })),
    /has not run since 2026-01-31T08:59:59.999Z, .* every 1h$/,
  ],
  [
    'held up',
    aSchedule(aLast({ startedMs: ago(3 * HOUR + 1), isOver: false })),
    /waits for its run of 2026-01-31T08:59:59.999Z, which has not ended/,
  ],
])('a Schedule that is %s is one warning, with what helps', (_what, schedule, problem) => {
  expect(told(schedule)).toEqual([expect.stringMatching(problem)]);
  const [finding] = ofSchedules({ reconcile: schedule, prune: aSchedule() }, NOW);
  expect(finding).toMatchObject({ code: 'maintenance', severity: 'warning', fix: expect.stringMatching(/.{20}/) });
});

test('one that has never run is late after twice its interval and an hour; a change begins the time anew', () => {
  const { last: _none, ...never } = aSchedule();
  expect(told({ ...never, changedMs: ago(3 * HOUR + 1) })).toEqual([expect.stringMatching(/has never run/)]);
  expect(told({ ...never, changedMs: ago(3 * HOUR) })).toEqual([]);
  expect(told(aSchedule({ changedMs: ago(HOUR), ...aLast({ startedMs: ago(50 * HOUR) }) }))).toEqual([]);
  expect(told(aSchedule(aLast({ startedMs: ago(3 * HOUR) })))).toEqual([]);
});

describe('what the server says of a Schedule', () => {
  const action = (runId: string) => ({
    actualTime: msToTs(60_000),
    startWorkflowResult: { workflowId: 'webhook-maintenance/reconcile-1', runId },
    // The Schedule has not heard of its end.
    startWorkflowStatus: 1,
  });
  const answer = (hasRun: boolean) => ({
    schedule: { spec: { interval: [{ interval: msToTs(HOUR) }] }, state: { paused: true } },
    info: { createTime: msToTs(1_000), recentActions: hasRun ? [action('r1'), action('r2')] : [] },
  });
  const seen = async (describeSchedule: unknown, describeWorkflowExecution: unknown = {}) => {
    const { client, requests } = notingDeadlines({ describeSchedule, describeWorkflowExecution });
    const schedules = await schedulesOf(client);
    expect(requests.every(({ deadline }) => deadline !== undefined)).toBe(true);
    return schedules['topcalls-webhooks/reconcile'];
  };

  test.each([
    [1, { isOver: false, hasFailed: false }],
    [2, { isOver: true, hasFailed: false }],
    [3, { isOver: true, hasFailed: true }],
    [4, { isOver: true, hasFailed: false }],
    [5, { isOver: true, hasFailed: true }],
    [7, { isOver: true, hasFailed: true }],
  ])('of its last run with status %i', async (status, last) => {
    expect(await seen(answer(true), { workflowExecutionInfo: { status } })).toEqual({
      everyMs: HOUR,
      isPaused: true,
      changedMs: 1_000,
      last: { workflowId: 'webhook-maintenance/reconcile-1', startedMs: 60_000, ...last },
    });
  });

  test('before its first run', async () => {
    expect(await seen(answer(false))).toEqual({ everyMs: HOUR, isPaused: true, changedMs: 1_000 });
  });

  const refusal = (code: number) => Object.assign(new Error('refused'), { code, details: 'refused', metadata: {} });
  test('whose last run the server has forgotten', async () => {
    expect((await seen(answer(true), refusal(5)))?.last).toMatchObject({ isOver: true, hasFailed: false });
  });

  test.each([5, 7, 12])('with gRPC status %i it is not there for this client', async (code) => {
    expect(await seen(refusal(code))).toBeUndefined();
  });

  test('another failure is the server’s', async () => {
    await expect(schedulesOf(notingDeadlines({ describeSchedule: refusal(14) }).client)).rejects.toThrow('refused');
  });
});
