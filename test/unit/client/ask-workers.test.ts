/** What the answer to a question says about workers. With real ones: npm run doctor:faults. */
import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { askWorkers } from '../../../client/ask-workers.ts';

const NOW_MS = Date.parse('2026-01-31T23:20:00.000Z');

/** What the server says to a question, by its gRPC status; `answers` is none. */
const REFUSALS = {
  answers: undefined,
  fails: { code: 3, details: '' },
  'is silent': { code: 4, details: '' },
  'is stuck': { code: 9, details: 'Unable to query workflow due to Workflow Task in failed state.' },
  'has not polled': { code: 9, details: 'no poller seen for task queue recently, worker may be down' },
  'is gone': { code: 5, details: '' },
  'may not be asked': { code: 7, details: '' },
  'is one too many': { code: 8, details: '' },
  'is out of reach': { code: 14, details: '' },
} as const;
type Answer = keyof typeof REFUSALS;

function ask(
  runs: number,
  answer: Answer | { readonly open: Answer; readonly ended: Answer },
  polledMs: number,
  version?: string,
) {
  const said = typeof answer === 'string' ? { open: answer, ended: answer } : answer;
  async function* list({ query }: { readonly query: string }) {
    // Half of them are open.
    for (let id = 0; id < runs / 2; id += 1) {
      yield {
        workflowId: `call-webhook/${id}`,
        runId: query.includes("'Running'") ? 'open' : 'ended',
        searchAttributes: version === undefined ? {} : { TemporalWorkerDeploymentVersion: [version] },
      };
    }
  }
  const queryWorkflow = async ({ execution }: { readonly execution: { readonly runId: 'open' | 'ended' } }) => {
    const refusal = REFUSALS[said[execution.runId]];
    if (refusal === undefined) return {};
    throw Object.assign(new Error('no'), { ...refusal, metadata: {} });
  };
  const client = {
    options: { namespace: 'default' },
    withDeadline: <T>(_deadlineMs: number, work: () => Promise<T>): Promise<T> => work(),
    workflow: { list },
    workflowService: {
      queryWorkflow,
      describeTaskQueue: async () => ({
        pollers: [1, 2].map((buildId) => ({
          identity: 'w',
          lastAccessTime: msToTs(NOW_MS + polledMs),
          ...(version && {
            deploymentOptions: { deploymentName: 'd', buildId: `${buildId}`, workerVersioningMode: 2 },
          }),
        })),
        ...(version && { versioningInfo: { currentDeploymentVersion: { deploymentName: 'd', buildId: '2' } } }),
      }),
    },
  } as unknown as Client;
  return askWorkers(client, 'ours', () => NOW_MS);
}

const STUCK_AND_SILENT = { open: 'is stuck', ended: 'is silent' } as const;

test.each([
  ['answered', 'a worker answers', 4, 'answers', -60_000],
  ['answered', 'a worker says that it cannot answer', 4, 'fails', -60_000],
  ['busy', 'none answers, and one has polled meanwhile', 4, 'is silent', 3_000],
  ['silent', 'none answers, and the last poll was before the question', 4, 'is silent', -1_000],
  ['silent', 'the server has seen no poller and asks nobody', 4, 'has not polled', -200_000],
  ['silent', 'an open run is stuck, and no worker replays the ended ones', 4, STUCK_AND_SILENT, -1_000],
  ['nobody_to_ask', 'no run is there', 0, 'answers', 0],
  ['not_asked', 'every run is stuck', 4, 'is stuck', -60_000],
  ['not_asked', 'retention has removed the runs', 4, 'is gone', -60_000],
  ['not_asked', 'the doctor may not ask', 4, 'may not be asked', -60_000],
  ['not_asked', 'the namespace is at its rate limit', 4, 'is one too many', -60_000],
  ['not_asked', 'the server is away for a moment', 4, 'is out of reach', -60_000],
] as const)('%s: %s', async (expected, _what, runs, answer, polledMs) => {
  expect(await ask(runs, answer, polledMs)).toBe(expected);
});

test('runs are asked that have ended in any way, since webhooks to a dead endpoint only fail', async () => {
  const queries: string[] = [];
  const list = ({ query }: { readonly query: string }) => {
    queries.push(query);
    return (async function* (): AsyncGenerator<never> {})();
  };
  const client = { withDeadline: <T>(_ms: number, work: () => Promise<T>) => work(), workflow: { list } };
  await askWorkers(client as unknown as Client, 'ours', () => NOW_MS);
  for (const status of ['Running', 'Completed', 'Failed', 'Canceled']) expect(queries.join()).toContain(`'${status}'`);
});

test('runs of a version that is not current are not asked about: its workers may be gone', async () => {
  expect(await ask(4, 'is silent', -1_000, 'd:2')).toBe('silent');
  for (const version of ['d:1', 'd:0']) expect(await ask(4, 'is silent', -1_000, version)).toBe('nobody_to_ask');
});
