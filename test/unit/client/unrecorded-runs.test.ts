/** Which closed runs the doctor reads: only those that the log seems to lack. */
import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { lookAtClosedRuns } from '../../../cli/commands/doctor/look-at-database.ts';
import { UnreadableRunError } from '../../../client/errors.ts';
import { unrecordedRuns } from '../../../client/unrecorded-runs.ts';

const SINCE = '2026-01-31T17:20:00.000Z';

/** gRPC NOT_FOUND: retention has removed it. */
const GONE = () => Object.assign(new Error('gone'), { code: 5, details: '', metadata: {} });

function play({
  closed,
  recorded,
  terminated = 0,
  reading = GONE,
}: {
  closed: number;
  recorded: number;
  terminated?: number;
  reading?: () => Error;
}) {
  const asked = { reads: 0, pages: 0, ids: [] as string[] };
  async function* list() {
    for (let id = 0; id < closed; id += 1) {
      const status = { name: id < terminated ? 'TERMINATED' : 'COMPLETED' };
      const typedSearchAttributes = { get: () => undefined };
      yield { workflowId: `call-webhook/${id}`, runId: `${id}`, startTime: new Date(0), status, typedSearchAttributes };
    }
  }
  const gone = async (id: string) => {
    asked.reads += 1;
    asked.ids.push(id);
    throw reading();
  };
  const client = {
    options: { namespace: 'default' },
    withDeadline: <T>(_deadlineMs: number, work: () => Promise<T>): Promise<T> => work(),
    workflow: { list, getHandle: (id: string) => ({ describe: () => gone(id) }) },
    workflowService: {
      getWorkflowExecutionHistory: ({ execution }: { execution: { workflowId: string } }) => gone(execution.workflowId),
    },
  } as unknown as Client;
  const log = {
    record: async () => {},
    show: async () => [],
    list: async ({ since, limit, after = '0' }: { since: string; limit: number; after?: string }) => {
      asked.pages += 1;
      expect(since < SINCE).toBe(true);
      const first = Number(after);
      const records = Array.from({ length: Math.max(0, Math.min(limit, recorded - first)) }, (_, index) => ({
        runId: `${first + index}`,
        endpointId: 'ep_1',
      }));
      return { records, ...(first + limit < recorded ? { next: `${first + limit}` } : {}) };
    },
  };
  return unrecordedRuns(client, log, SINCE).then((seen) => ({ ...seen, ...asked }));
}

test('a run that the log has is not read', async () => {
  expect(await play({ closed: 1_500, recorded: 1_500 })).toMatchObject({
    compared: 1_500,
    isWhole: true,
    reads: 0,
    pages: 2,
  });
});

test('what the log seems to lack is read, up to a hundred runs; the others are counted', async () => {
  expect(await play({ closed: 150, recorded: 10 })).toMatchObject({ compared: 150, reads: 100, unread: 40 });
});

test('a terminated run is read, because it may have recorded one endpoint of several', async () => {
  expect(await play({ closed: 20, recorded: 20, terminated: 3 })).toMatchObject({ reads: 3, runs: 0 });
});

test('of many terminated runs that have a record, a hundred are read, and none seems to lack', async () => {
  expect(await play({ closed: 300, recorded: 300, terminated: 250 })).toMatchObject({ reads: 100, runs: 0, unread: 0 });
});

test('a run without a record is read before terminated ones that have one', async () => {
  const { ids } = await play({ closed: 310, recorded: 300, terminated: 250 });
  expect(ids.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, index) => `call-webhook/${300 + index}`));
});

test('at most 2,000 runs are compared', async () => {
  expect(await play({ closed: 2_100, recorded: 2_100 })).toMatchObject({ compared: 2_000, isWhole: false, reads: 0 });
});

test('a run that cannot be decoded, or not be read this time, may be lacking: nobody knows', async () => {
  const sealed = () => new UnreadableRunError('call-webhook/1', new Error('unknown key'));
  const odd = () => Object.assign(new Error('cannot decode'), { code: 2, details: 'cannot decode', metadata: {} });
  for (const reading of [sealed, odd]) {
    expect(await play({ closed: 3, recorded: 0, reading })).toMatchObject({ runs: 0, unread: 3 });
    expect((await play({ closed: 3, recorded: 0, reading })).whyUnread).toMatch(
      /a payload cannot be decoded|cannot decode/,
    );
  }
});

test('a run of somebody else under our workflow type is not lacking', async () => {
  const notOurs = () => new UnreadableRunError('call-webhook/1', new SyntaxError('no JSON'));
  expect(await play({ closed: 3, recorded: 0, reading: notOurs })).toMatchObject({ runs: 0, unread: 0 });
});

test.each([
  ['is away', 14, 'UNAVAILABLE'],
  ['is at its limit', 8, 'RESOURCE_EXHAUSTED'],
  ['does not let us', 7, 'PERMISSION_DENIED'],
])('a server that %s while closed runs are compared says nothing about the log', async (_what, code, grpcStatus) => {
  const error = Object.assign(new Error('no'), { code, details: 'no', metadata: {} });
  const list = () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) });
  const client = {
    options: { namespace: 'default' },
    withDeadline: <T>(_deadlineMs: number, work: () => Promise<T>): Promise<T> => work(),
    workflow: { list },
  } as unknown as Client;
  const log = { record: async () => {}, show: async () => [], list: async () => ({ records: [] }) };
  expect(await lookAtClosedRuns(client, log, SINCE)).toMatchObject({ unread: { what: 'closed runs', grpcStatus } });
});
