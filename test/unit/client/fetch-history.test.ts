/** How a history is read in pages, from a hand-made server that pages, and breaks, as Temporal does. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import fc from 'fast-check';
import { fetchHistory } from '../../../client/fetch-history.ts';

const MIB = 1_048_576;
/** What one message of gRPC for Node may have. */
const MESSAGE_BYTES = 4 * MIB;
/** Most events that a server puts into a page. */
const PAGE_EVENTS = 256;

/** Virtual time, which only the server lets pass. */
let nowMs = 0;
const pass = (ms: number): void => {
  nowMs += Math.ceil(ms);
  jest.setSystemTime(nowMs);
};
beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  pass(0);
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

type Event = { readonly eventId: number; readonly data: Uint8Array; readonly identity: string };
/** Sizes of the events of one workflow task, or of one signal: the server never splits them. */
type Batch = readonly number[];

/** `msOf`: how long the server takes for a page of so many bytes, in virtual time. */
function aServer(
  batches: readonly Batch[],
  { isOpen = false, described = 1, msOf = (_bytes: number, _asked: number): number => 1 } = {},
) {
  let next = 0;
  const stored = batches.map((batch) =>
    batch.map((bytes): Event => ({
      eventId: (next += 1),
      data: new Uint8Array(bytes),
      identity: '4711@host'.repeat(9),
    })),
  );
  const asked: number[] = [];
  /** An hour, so that no test depends on it. */
  const callerMs = nowMs + 3_600_000;
  let deadlineMs = callerMs;
  const getWorkflowExecutionHistory = async (request: { nextPageToken: Uint8Array; maximumPageSize?: number }) => {
    asked.push(request.maximumPageSize ?? 0);
    const limit = Math.min(request.maximumPageSize ?? PAGE_EVENTS, PAGE_EVENTS);
    let at = Number(Buffer.from(request.nextPageToken).toString() || '0');
    const events: Event[] = [];
    while (at < stored.length && events.length < limit) events.push(...(stored[(at += 1) - 1] ?? []));
    const bytes = events.reduce((sum, { data }) => sum + data.length + 100, 0);
    // The SDK repeats a page that is too large until the deadline.
    const ms = bytes > MESSAGE_BYTES ? Infinity : msOf(bytes, asked.length);
    pass(Math.min(ms, Math.max(0, deadlineMs - nowMs)));
    if (nowMs >= deadlineMs) throw Object.assign(new Error('late'), { code: 4, details: '', metadata: {} });
    return { history: { events }, nextPageToken: Buffer.from(at < stored.length ? String(at) : '') };
  };
  const client = {
    options: { namespace: 'default' },
    withDeadline: async (ms: number, work: () => Promise<unknown>) => {
      deadlineMs = ms;
      return work().finally(() => (deadlineMs = callerMs));
    },
    workflowService: { getWorkflowExecutionHistory },
  } as unknown as Client;
  const all = stored.flat();
  const bytes = all.reduce((sum, { data }) => sum + data.length + 100, 0);
  const run = {
    workflowId: 'w',
    runId: 'r',
    status: { name: isOpen ? 'RUNNING' : 'COMPLETED' },
    historySize: Math.floor(bytes * described),
    historyLength: Math.floor(all.length * described),
  } as unknown as WorkflowExecutionDescription;
  const read = async () => (await fetchHistory(client, run)).map((event) => Number(event.eventId));
  return { read, asked, bytes, ids: all.map(({ eventId }) => eventId) };
}

const signals = (count: number, bytes = 300): Batch[] => Array.from({ length: count }, () => [bytes]);
/** Start, settling, the artifacts, and the bodies for ten endpoints in one task. */
const large: Batch[] = [
  [2_000, 10],
  [10],
  [10, 10],
  [10, 10],
  [10],
  [10, 1_450_000],
  [10],
  [10, ...Array<number>(10).fill(300_000)],
];

test('an ordinary history is one page, open or closed', async () => {
  for (const isOpen of [true, false]) {
    const { read, asked, ids } = aServer([[3_000, 10], ...signals(30)], { isOpen });
    expect([await read(), asked.length]).toEqual([ids, 1]);
  }
});

test.each([
  [256, 1],
  [257, 2],
  [2_560, 10],
])('%i small events come in %i pages', async (count, pages) => {
  const { read, asked, ids } = aServer(signals(count, 1));
  expect([await read(), asked.length]).toEqual([ids, pages]);
});

test.each([[false], [true]])(
  '9,500 signals come in as many pages as the server makes of them (open: %j)',
  async (isOpen) => {
    const { read, asked, ids, bytes } = aServer([[3_000, 10], ...signals(9_500)], { isOpen });
    expect(await read()).toEqual(ids);
    expect(asked.length).toBeLessThanOrEqual(bytes / MIB + ids.length / PAGE_EVENTS + 3);
  },
);

test('9,500 signals of 5 KiB come in pages of a megabyte', async () => {
  const { read, asked, ids, bytes } = aServer([[3_000, 10], ...signals(9_500, 5_000)]);
  expect(await read()).toEqual(ids);
  expect(asked.length).toBeLessThanOrEqual(bytes / MIB + 5);
});

test('the largest bodies come task by task, and what follows them in one page', async () => {
  const { read, asked, ids } = aServer([...large, ...signals(60)]);
  expect(await read()).toEqual(ids);
  expect(asked.length).toBeLessThanOrEqual(large.length + 1);
});

/** A page that is too large, 16 smaller ones, one of which is too large again, 16 tasks, and two tasks that are
 *  timed. */
const FOR_LARGE = 36;

test.each([[4_000], [4_090], [4_096], [3_850]])(
  'the largest bodies after %i of 9,500 signals: the page that is too large is read in 16 parts, and one of them alone',
  async (before) => {
    const { read, asked, ids } = aServer([...signals(before), ...large, ...signals(9_500 - before)]);
    expect(await read()).toEqual(ids);
    expect(asked.length).toBeLessThanOrEqual(ids.length / PAGE_EVENTS + FOR_LARGE);
  },
);

test('forty bodies of half a megabyte in a row among 9,500 signals: pages grow back by degrees', async () => {
  const { read, asked, ids } = aServer([...signals(4_000), ...signals(40, 500_000), ...signals(5_500)]);
  expect(await read()).toEqual(ids);
  expect(asked.length).toBeLessThanOrEqual(ids.length / PAGE_EVENTS + 3 * FOR_LARGE);
});

test.each([[350], [1_300], [2_500], [7_000]])(
  'a server that takes %i ms for each page gets four requests more at most, not twenty times as many',
  async (ms) => {
    for (const isOpen of [true, false]) {
      const { read, asked, ids, bytes } = aServer(signals(9_500, 700), { isOpen, msOf: () => ms });
      expect(await read()).toEqual(ids);
      expect(asked.length).toBeLessThanOrEqual(bytes / MIB + ids.length / PAGE_EVENTS + 4);
    }
  },
);

test('an ordinary history of an open run is one request, even if the server takes 2.9 s', async () => {
  const { read, asked, ids } = aServer([[3_000, 10], ...signals(30)], { isOpen: true, msOf: () => 2_900 });
  expect([await read(), asked.length]).toEqual([ids, 1]);
});

test('one page that comes late costs its stretch in smaller pages, once', async () => {
  const { read, asked, ids, bytes } = aServer(signals(9_500, 700), {
    msOf: (_bytes, number) => (number === 5 ? 5_000 : 1),
  });
  expect(await read()).toEqual(ids);
  expect(asked.length).toBeLessThanOrEqual(bytes / MIB + ids.length / PAGE_EVENTS + 19);
});

test('a line of 300 KB/s: after one late page the others have the time that they need', async () => {
  const { read, asked, ids, bytes } = aServer(signals(9_500, 5_000), { msOf: (each) => each / 300 });
  expect(await read()).toEqual(ids);
  // Twice, since twice the time is not enough.
  expect(asked.length).toBeLessThanOrEqual(bytes / MIB + 5 + 2 * 19);
});

test('the largest bodies on a server that takes 500 ms for each page', async () => {
  const { read, asked, ids } = aServer([...signals(4_000), ...large, ...signals(5_500)], { msOf: () => 500 });
  expect(await read()).toEqual(ids);
  expect(asked.length).toBeLessThanOrEqual(ids.length / PAGE_EVENTS + FOR_LARGE + 4);
});

test('a run that grew by its bodies after it was described is read', async () => {
  const { read, ids } = aServer([...large.slice(0, 6), ...signals(20), ...large.slice(7)], {
    isOpen: true,
    described: 0.3,
  });
  expect(await read()).toEqual(ids);
});

test.each([
  [7, 'refused'],
  [8, 'namespace rate limit exceeded'],
  [8, 'Busy Workflow: message queue is full'],
])('an error that is not about the size is passed on after one request: %p %s', async (code, details) => {
  const refused = Object.assign(new Error(details), { code, details, metadata: {} });
  const ask = jest.fn(() => Promise.reject(refused));
  await expect(readLarge(ask)).rejects.toBe(refused);
  expect(ask).toHaveBeenCalledTimes(1);
});

test.each(['Received message larger than max (5 vs 4)', 'Received message that decompresses to a size larger than 4'])(
  'a page that gRPC does not take is read task by task: %s',
  async (details) => {
    const tooLarge = Object.assign(new Error(details), { code: 8, details, metadata: {} });
    const ask = jest.fn(async ({ maximumPageSize }: { readonly maximumPageSize: number }) => {
      if (maximumPageSize > 1) throw tooLarge;
      return { history: { events: [{ eventId: 1 }] }, nextPageToken: Buffer.from('') };
    });
    expect(await readLarge(ask)).toEqual([{ eventId: 1 }]);
  },
);

/** Reads a history whose pages may be too large. */
function readLarge(getWorkflowExecutionHistory: unknown) {
  const client = {
    options: { namespace: 'default' },
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
    workflowService: { getWorkflowExecutionHistory },
  } as unknown as Client;
  const run = { status: { name: 'COMPLETED' }, historySize: 9 * MIB, historyLength: 9_000 } as never;
  return fetchHistory(client, run);
}

const batch = fc.oneof(
  { weight: 8, arbitrary: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.nat(1_500_000).map((bytes) => [bytes]) },
  { weight: 1, arbitrary: fc.nat(300_000).map((bytes) => Array<number>(10).fill(bytes)) },
);

test('300 generated histories: every event once and in order, in no more requests than batches', async () => {
  const property = fc.asyncProperty(
    fc.array(batch, { minLength: 1, maxLength: 40 }),
    fc.boolean(),
    fc.nat(400),
    async (batches, isOpen, more) => {
      const { read, asked, ids } = aServer([...batches, ...signals(more)], { isOpen });
      expect(await read()).toEqual(ids);
      expect(asked.length).toBeLessThanOrEqual(batches.length + more + 3);
    },
  );
  await fc.assert(property, { seed: 5, numRuns: 300 });
});
