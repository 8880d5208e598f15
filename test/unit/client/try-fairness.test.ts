/** How the server is asked whether it is fair: by a run whose tasks a fake server hands out. */
import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { tryFairness } from '../../../client/fairness-probe.ts';

type Commands = { readonly commands: readonly { scheduleActivityTaskCommandAttributes: { activityId: string } }[] };

/** What the server does. `next` takes one of the tasks that wait, by their keys in the order in which they came. */
type Server = {
  readonly next?: (waiting: readonly string[]) => number;
  readonly refusal?: Error;
  /** How many looks at the queue it takes until its tasks are in it. Undefined: it shows no partitions. */
  readonly queuedAfterLooks?: number;
};

function aServer({ next = () => 0, refusal, queuedAfterLooks }: Server) {
  const calls: string[] = [];
  let waiting: string[] = [];
  let looks = 0;
  let waits = 0;
  const service = {
    startWorkflowExecution: async () => {
      calls.push('start');
      waiting = [];
    },
    pollWorkflowTaskQueue: async () => ({ taskToken: new Uint8Array() }),
    respondWorkflowTaskCompleted: async ({ commands }: Commands) => {
      looks = 0;
      for (const { scheduleActivityTaskCommandAttributes: task } of commands) waiting.push(task.activityId);
    },
    listTaskQueuePartitions: async () => {
      if (queuedAfterLooks === undefined) throw grpcError(12, 'no such request');
      return { activityTaskQueuePartitions: [{ key: 'queue' }, { key: '/_sys/queue/1' }] };
    },
    describeTaskQueue: async ({ taskQueue }: { taskQueue: { name: string } }) => {
      if (taskQueue.name !== 'queue') return { taskQueueStatus: { backlogCountHint: 1 } };
      looks += 1;
      return { taskQueueStatus: { backlogCountHint: looks > (queuedAfterLooks ?? 0) ? waiting.length - 1 : 0 } };
    },
    pollActivityTaskQueue: async () => {
      if (refusal !== undefined) throw refusal;
      calls.push('poll');
      const [taken = ''] = waiting.splice(next(waiting), 1);
      return { activityId: taken };
    },
    terminateWorkflowExecution: async () => void calls.push('terminate'),
    deleteWorkflowExecution: async () => {
      calls.push('delete');
      throw grpcError(7, 'not allowed to delete');
    },
  };
  const client = {
    options: { namespace: 'default', identity: 'doctor' },
    workflowService: service,
    withDeadline: <T>(_deadline: number, ask: () => Promise<T>) => ask(),
  } as unknown as Client;
  const wait = async (): Promise<void> => void (waits += 1);
  return { seen: () => tryFairness(client, wait), calls, waits: () => waits };
}

function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(details), { code, details, metadata: {} });
}

/** Alternates between the accounts. */
function fairly(): (waiting: readonly string[]) => number {
  let turn = 0;
  return (waiting) => {
    turn += 1;
    return Math.max(
      0,
      waiting.findIndex((id) => id.startsWith(turn % 2 === 0 ? 'quiet' : 'busy')),
    );
  };
}

test('a server that alternates between accounts is fair, and the run is taken away again', async () => {
  const server = aServer({ next: fairly() });
  expect(await server.seen()).toEqual({ fairness: 'on' });
  expect(server.calls).toEqual(['start', ...Array.from({ length: 32 }, () => 'poll'), 'terminate', 'delete']);
});

test('a server that hands out what came first is not fair', async () => {
  expect(await aServer({}).seen()).toEqual({ fairness: 'off' });
});

test('a server that hands out nothing is asked three times, and the answer says so', async () => {
  const server = aServer({ next: (waiting) => waiting.length });
  expect(await server.seen()).toEqual({
    fairness: 'unclear',
    why: 'the server handed out 0 of 32 tasks that were asked for',
  });
  expect(server.calls).toEqual(Array.from({ length: 3 }, () => ['start', 'poll', 'terminate', 'delete']).flat());
});

test('a refusal of the server is told, and the run is taken away', async () => {
  const server = aServer({ refusal: grpcError(7, 'no rights here') });
  expect(await server.seen()).toEqual({
    fairness: 'unclear',
    why: 'the server answered PERMISSION_DENIED: no rights here',
  });
  expect(server.calls).toEqual(['start', 'terminate', 'delete']);
});

test('a server that does not answer in time is not said to have answered', async () => {
  const server = aServer({ refusal: grpcError(4, 'Deadline exceeded') });
  expect(await server.seen()).toEqual({ fairness: 'unclear', why: 'no answer within 15 s: Deadline exceeded' });
});

test('an error that is not of the server is thrown', async () => {
  await expect(aServer({ refusal: new TypeError('a bug') }).seen()).rejects.toThrow('a bug');
});

test.each([
  [undefined, 2, 'a server without the request is given a moment'],
  [0, 2, 'the tasks are there at once'],
  [3, 8, 'the tasks come late'],
  [1_000, 24, 'the count never gets there, and the order decides'],
])('tasks that are queued after %p looks are waited for %d times: %s', async (queuedAfterLooks, waits, _what) => {
  const server = aServer({ next: fairly(), ...(queuedAfterLooks === undefined ? {} : { queuedAfterLooks }) });
  expect(await server.seen()).toEqual({ fairness: 'on' });
  expect(server.waits()).toBe(waits);
});
