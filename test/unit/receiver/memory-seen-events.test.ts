/** The store of seen events in memory, and that the suite for such stores finds faults. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { seenEventsConformance } from '../../../adapters/conformance/index.ts';
import { memorySeenEvents } from '../../../receiver/index.ts';
import type { SeenEvents } from '../../../receiver/index.ts';
import { faultsOf } from '../../support/conformance-faults.ts';

afterEach(() => {
  jest.useRealTimers();
});

describe('conformance', () => {
  test.each(seenEventsConformance(() => memorySeenEvents()))('$name', ({ run }) => run());
});

async function markAll(seen: SeenEvents, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await seen.claim(id, 'a', 1_000);
    await seen.done(id, 'a');
  }
}

test('beyond `max` the id that was done first is forgotten, and no claim is', async () => {
  const seen = memorySeenEvents({ max: 2 });
  await seen.claim('claimed', 'a', 60_000);
  await markAll(seen, ['1', '2', '3']);
  expect(await seen.claim('1', 'b', 1_000)).toBe('claimed');
  expect(await seen.claim('2', 'b', 1_000)).toBe('done');
  expect(await seen.claim('3', 'b', 1_000)).toBe('done');
  expect(await seen.claim('claimed', 'b', 1_000)).toBe('busy');
});

test('an id that is marked again is as young as the mark', async () => {
  const seen = memorySeenEvents({ max: 2 });
  await markAll(seen, ['1', '2']);
  await seen.done('1', 'a');
  await markAll(seen, ['3']);
  expect(await seen.claim('1', 'b', 1_000)).toBe('done');
  expect(await seen.claim('2', 'b', 1_000)).toBe('claimed');
});

test('a mark ends after ttlMs', async () => {
  jest.useFakeTimers();
  const seen = memorySeenEvents({ ttlMs: 100 });
  await markAll(seen, ['1']);
  jest.advanceTimersByTime(99);
  expect(await seen.claim('1', 'b', 1_000)).toBe('done');
  jest.advanceTimersByTime(1);
  expect(await seen.claim('1', 'b', 1_000)).toBe('claimed');
});

test.each([{ max: 0 }, { max: 1.5 }, { ttlMs: 0 }, { ttlMs: Number.NaN }])('bounds like %p are refused', (bounds) => {
  expect(() => memorySeenEvents(bounds)).toThrow(RangeError);
});

const faultsIn = (seen: SeenEvents): Promise<string[]> => faultsOf(seenEventsConformance(() => seen));

/** A store as caches with a time to live are: a timer of this process ends a claim, after `lifeMs` of it. */
function timedStore(lifeMs: (forMs: number) => number): SeenEvents {
  const done = new Set<string>();
  const claims = new Map<string, { readonly holder: string; readonly timer: NodeJS.Timeout }>();
  const end = (id: string): void => {
    clearTimeout(claims.get(id)?.timer);
    claims.delete(id);
  };
  return {
    claim: async (id, holder, forMs) => {
      if (done.has(id)) return 'done';
      if ((claims.get(id)?.holder ?? holder) !== holder) return 'busy';
      end(id);
      claims.set(id, { holder, timer: setTimeout(end, lifeMs(forMs), id) });
      return 'claimed';
    },
    done: async (id) => {
      done.add(id);
      end(id);
    },
    release: async (id, holder) => {
      if (claims.get(id)?.holder === holder) end(id);
    },
  };
}

describe('in a store whose claims end by a timer', () => {
  test('the suite finds no fault', async () => {
    jest.useFakeTimers();
    const faults = faultsIn(timedStore((forMs) => forMs));
    await jest.advanceTimersByTimeAsync(15_000);
    expect(await faults).toEqual([]);
  });

  test('it fails, and does not hang, where the timer never comes', async () => {
    jest.useFakeTimers();
    const faults = faultsIn(timedStore(() => 3_600_000));
    await jest.advanceTimersByTimeAsync(15_000);
    expect(await faults).toEqual([
      'a claim ends by itself, so that a process which died holds up nothing',
      'of many that wait for a claim to end, one gets it',
      'its holder extends a claim',
      'a handler that succeeds after its claim has ended counts, and its successor cannot undo it',
    ]);
  });
});

test('the suite finds a store that looks first and marks later', async () => {
  const held = new Map<string, { holder: string; until: number; done: boolean }>();
  const racy: SeenEvents = {
    claim: async (id, holder, forMs) => {
      const found = held.get(id);
      await new Promise((resolve) => setImmediate(resolve));
      if (found?.done === true) return 'done';
      if (found !== undefined && found.until > Date.now() && found.holder !== holder) return 'busy';
      held.set(id, { holder, until: Date.now() + forMs, done: false });
      return 'claimed';
    },
    done: async (id, holder) => void held.set(id, { holder, until: Infinity, done: true }),
    release: async (id) => void held.delete(id),
  };
  expect(await faultsIn(racy)).toEqual([
    'of twenty claims at once one is answered `claimed`, the others `busy`',
    'a release by another holder, or of an unknown id, changes nothing',
    'what is done stays done, for its holder too, and no release undoes it',
    'of many that wait for a claim to end, one gets it',
    'a handler that succeeds after its claim has ended counts, and its successor cannot undo it',
  ]);
});
