/** What the answer to a question says about workers. With real ones: npm run doctor:faults. */
import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { askWorkers } from '../../../client/ask-workers.ts';

const NOW_MS = Date.parse('2026-01-31T23:20:00.000Z');

function ask(runs: number, answer: 'answers' | 'fails' | 'is silent', polledMs: number) {
  async function* list({ query }: { readonly query: string }) {
    // Half of them are open.
    for (let id = 0; id < runs / 2; id += 1) yield { workflowId: `call-webhook/${query.length}-${id}`, runId: `${id}` };
  }
  const queryWorkflow = async () => {
    if (answer === 'answers') return {};
    throw Object.assign(new Error('no'), { code: answer === 'fails' ? 3 : 4, details: '', metadata: {} });
  };
  const client = {
    options: { namespace: 'default' },
    withDeadline: <T>(_deadlineMs: number, work: () => Promise<T>): Promise<T> => work(),
    workflow: { list },
    workflowService: {
      queryWorkflow,
      describeTaskQueue: async () => ({ pollers: [{ identity: 'w', lastAccessTime: msToTs(NOW_MS + polledMs) }] }),
    },
  } as unknown as Client;
  return askWorkers(client, 'ours', () => NOW_MS);
}

test.each([
  ['answered', 'a worker answers', 4, 'answers', -60_000],
  ['answered', 'a worker says that it cannot answer', 4, 'fails', -60_000],
  ['busy', 'none answers, and one has polled meanwhile', 4, 'is silent', 3_000],
  ['silent', 'none answers, and the last poll was before the question', 4, 'is silent', -1_000],
  ['nobody_to_ask', 'no run is there', 0, 'answers', 0],
] as const)('%s: %s', async (expected, _what, runs, answer, polledMs) => {
  expect(await ask(runs, answer, polledMs)).toBe(expected);
});
