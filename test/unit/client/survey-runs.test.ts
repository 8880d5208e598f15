/** What a survey costs and counts, with a server of hand-made answers. With a real one: npm run doctor:faults. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { defaultDataConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import { surveyRuns } from '../../../client/survey-runs.ts';
import { stopClock } from '../../support/stopped-clock.ts';

const NOW_MS = Date.parse('2026-01-31T23:20:00.000Z');
const ago = (ms: number) => msToTs(NOW_MS - ms);

type Run = {
  readonly id: number;
  readonly state?: string;
  readonly taskQueue?: string;
  readonly isStuck?: boolean;
  readonly waitsMs?: number;
  /** It ends between the list and the question about it, which the SDK or the server then answers with this. */
  readonly gone?: Error;
};

/** A server with these open runs, the newest first. Notes what it is asked. */
function aServer(runs: readonly Run[], { polledMs = 0, knowsAttributes = true } = {}) {
  const asked = { describes: 0, pages: [] as number[], pollers: 0 };
  const matching = (query: string): readonly Run[] => {
    if (!knowsAttributes && /Webhook(State)|Temporal/.test(query)) throw new Error('no such attribute');
    return runs.filter(
      ({ state = 'started', isStuck = false, taskQueue = 'ours' }) =>
        (!query.includes('TemporalReportedProblems') || isStuck) &&
        !query.includes('TemporalPauseInfo') &&
        !query.includes("'delivered'") &&
        (!query.includes('TaskQueue !=') || taskQueue !== 'ours') &&
        (!/WebhookState = '/.test(query) || query.includes(`WebhookState = '${state}'`)),
    );
  };
  const infoOf = ({ id, taskQueue = 'ours' }: Run) => ({ workflowId: `call-webhook/${id}`, runId: `${id}`, taskQueue });
  async function* list({ query, pageSize }: { readonly query: string; readonly pageSize: number }) {
    asked.pages.push(pageSize);
    for (const run of matching(query)) yield infoOf(run);
  }
  const describe = async (id: number) => {
    asked.describes += 1;
    const found: Run = runs.find((each) => each.id === id) ?? { id };
    const { isStuck = false, waitsMs, gone, ...run } = found;
    if (gone !== undefined) throw gone;
    const task = isStuck ? { pendingWorkflowTask: { state: 2, attempt: 7, scheduledTime: ago(0) } } : {};
    const waiting =
      waitsMs === undefined ? {} : { pendingActivities: [{ state: 1, scheduledTime: ago(waitsMs), activityId: 'a' }] };
    return { ...infoOf(run), status: { name: 'RUNNING' }, raw: { ...task, ...waiting } };
  };
  const client = {
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
    withDeadline: <T>(_deadlineMs: number, work: () => Promise<T>): Promise<T> => work(),
    workflow: {
      list,
      count: async (query: string) => ({ count: matching(query).length }),
      getHandle: (_workflowId: string, runId: string) => ({ describe: () => describe(Number(runId)) }),
    },
    workflowService: {
      describeTaskQueue: async () => {
        asked.pollers += 1;
        return { pollers: [{ identity: 'w', lastAccessTime: ago(polledMs) }] };
      },
    },
  };
  return { client: client as unknown as Client, asked };
}

beforeEach(() => stopClock(NOW_MS));
afterEach(() => void jest.useRealTimers());

/** The wait before the second look passes at once. */
async function survey(client: Client) {
  const state = { hasEnded: false };
  const surveying = surveyRuns(client, { taskQueue: 'ours', nowMs: () => NOW_MS });
  surveying.catch(() => undefined).finally(() => (state.hasEnded = true));
  while (!state.hasEnded) await jest.advanceTimersByTimeAsync(100);
  return surveying;
}

test('few open runs are all described, and what goes on is not told', async () => {
  const { client, asked } = aServer([
    { id: 1 },
    { id: 2, isStuck: true },
    { id: 3, waitsMs: 61_000 },
    { id: 4, waitsMs: 1 },
  ]);
  const seen = await survey(client);
  expect(seen).toMatchObject({ open: 4, described: 4, isWhole: true, taskQueues: ['ours'] });
  expect(seen.counts).toEqual({
    no_worker: 0,
    task_failing: 1,
    paused: 0,
    waiting_for_us: 0,
    waiting_for_log: 0,
    waiting_for_notify: 0,
    overdue: 1,
  });
  expect(seen.examples.task_failing).toMatchObject([{ workflowId: 'call-webhook/2' }]);
  expect(seen.examples.overdue).toMatchObject([{ workflowId: 'call-webhook/3', waitsIn: 'activity' }]);
  // The one that is stuck is looked at twice.
  expect(asked.describes).toBe(5);
});

test('a run that is gone meanwhile is none, whoever says so; another failure ends the survey', async () => {
  const ofSdk = new WorkflowNotFoundError('gone', 'call-webhook/1', '1');
  const ofServer = Object.assign(new Error('gone'), { code: 5, details: 'gone', metadata: {} });
  const { client } = aServer([
    { id: 1, gone: ofSdk },
    { id: 2, gone: ofServer },
    { id: 3, isStuck: true },
  ]);
  expect((await survey(client)).counts).toMatchObject({ task_failing: 1, overdue: 0 });
  const refused = Object.assign(new Error('refused'), { code: 7, details: 'refused', metadata: {} });
  await expect(survey(aServer([{ id: 1, gone: refused }]).client)).rejects.toThrow('refused');
});

test('an attempt that has been due for just a minute is not overdue yet', async () => {
  const { client } = aServer([
    { id: 1, waitsMs: 60_000 },
    { id: 2, waitsMs: 60_001 },
  ]);
  const seen = await survey(client);
  expect(seen.examples.overdue).toMatchObject([{ workflowId: 'call-webhook/2' }]);
});

test('of 10,000 open runs some of each kind are described, and the server counts the rest', async () => {
  const runs = Array.from({ length: 10_000 }, (_, id) => ({
    id,
    state: id % 3 === 0 ? 'retrying' : id % 50 === 1 ? 'waiting_for_us' : 'started',
    isStuck: id % 40 === 7,
    taskQueue: id === 9_999 ? 'elsewhere' : 'ours',
  }));
  const { client, asked } = aServer(runs);
  const seen = await survey(client);
  expect(seen).toMatchObject({ open: 10_000, retrying: 3_334, isWhole: false });
  expect(seen.counts.task_failing).toBe(250);
  expect(seen.counts.waiting_for_us).toBe(133);
  expect(seen.taskQueues).toContain('elsewhere');
  expect(seen.described).toBeLessThanOrEqual(500);
  expect(asked.describes).toBeLessThanOrEqual(1_000);
  expect(Math.max(...asked.pages)).toBe(100);
});

test('many runs that wait ask for the pollers of their queue once', async () => {
  const runs = Array.from({ length: 300 }, (_, id) => ({ id, waitsMs: 30_000 }));
  const { client, asked } = aServer(runs, { polledMs: 90_000 });
  const seen = await survey(client);
  expect(seen.counts.no_worker).toBe(300);
  expect(seen.examples.no_worker).toHaveLength(5);
  expect(asked.pollers).toBeLessThan(10);
});

test('a namespace without our search attributes is surveyed by its newest runs', async () => {
  const runs = Array.from({ length: 600 }, (_, id) => ({ id, isStuck: id === 3 }));
  const { client } = aServer(runs, { knowsAttributes: false });
  const seen = await survey(client);
  expect(seen).toMatchObject({ open: 600, described: 100, isWhole: false });
  expect(seen).not.toHaveProperty('retrying');
  expect(seen.counts.task_failing).toBe(1);
});
