/** What the first attempt was promised for, and how late it was: for workflow, log and metrics alike. */
import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { promisedAtMs } from '../../../contract/delivery-policy.ts';
import { EVENT_NAMES } from '../../../contract/event-types.ts';
import { latenessMs } from '../../../contract/lateness.ts';

const START_MS = Date.UTC(2026, 5, 1, 12);
const policy = { settleDelayMs: 15_000 };

describe('a first attempt is promised for', () => {
  it.each(EVENT_NAMES.map((event) => [event, event.endsWith('.completed') ? 15_000 : 0] as const))(
    'the start and the settle delay: %s after %p ms',
    (event, delayMs) => {
      expect(promisedAtMs({ event, policy }, START_MS) - START_MS).toBe(delayMs);
    },
  );

  it('the start, where a redelivery brings its body along', () => {
    const redelivery = { body: '{}' };
    expect(promisedAtMs({ event: 'call.completed', policy, redelivery }, START_MS)).toBe(START_MS);
  });

  it('the start and the settle delay, where a redelivery settles because nothing was frozen before', () => {
    expect(promisedAtMs({ event: 'call.completed', policy, redelivery: {} }, START_MS)).toBe(START_MS + 15_000);
  });
});

describe('lateness', () => {
  const promisedAt = '2026-06-01T12:00:15.000Z';
  const at = (...starts: string[]) => starts.map((startedAt) => ({ startedAt }));

  it('is the time from the promise to the start of the first attempt', () => {
    const attempts = at('2026-06-01T12:00:15.250Z', '2026-06-01T12:01:20.000Z');
    expect(latenessMs({ promisedAt, attempts })).toBe(250);
  });

  it('is never negative: only clocks can make an attempt early', () => {
    expect(latenessMs({ promisedAt, attempts: at('2026-06-01T12:00:14.000Z') })).toBe(0);
  });

  it('is unknown without an attempt, and without a promised time', () => {
    expect(latenessMs({ promisedAt, attempts: [] })).toBeUndefined();
    expect(latenessMs({ attempts: at(promisedAt) })).toBeUndefined();
  });

  test('of any record is a number that a log can store, or unknown', () => {
    const anything = fc.oneof(fc.anything(), fc.date().map(String), fc.constant(promisedAt));
    const property = fc.property(
      anything,
      fc.array(fc.oneof(anything, fc.record({ startedAt: anything }))),
      (at, list) => {
        const lateMs = latenessMs({ promisedAt: at, attempts: list } as never);
        expect(lateMs === undefined || (Number.isSafeInteger(lateMs) && lateMs >= 0)).toBe(true);
      },
    );
    fc.assert(property);
  });
});
