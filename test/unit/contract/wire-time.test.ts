import { describe, expect, it } from '@jest/globals';
import { wireTime } from '../../../contract/wire-time.ts';

describe('times on the wire', () => {
  it.each([
    ['2025-12-22T10:30:05Z', '2025-12-22T10:30:05Z'],
    ['2025-12-22T10:30:05.999Z', '2025-12-22T10:30:05Z'],
    ['2025-12-22T10:30:05.123456789Z', '2025-12-22T10:30:05Z'],
    ['2025-12-22T10:30Z', '2025-12-22T10:30:00Z'],
    ['2025-12-22T11:30:05+01:00', '2025-12-22T10:30:05Z'],
    ['2025-12-22T11:30:05+0100', '2025-12-22T10:30:05Z'],
    ['2025-12-22t10:30:05z', '2025-12-22T10:30:05Z'],
    ['2025-12-31T23:30:00-01:00', '2026-01-01T00:30:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2025-12-22T23:59:59Z', '2025-12-22T23:59:59Z'],
    ['2025-12-22T24:00:00Z', '2025-12-23T00:00:00Z'],
  ])('%s becomes %s', (text, time) => {
    expect(wireTime(text)).toBe(time);
  });

  it.each([
    ['a time without a zone, which is another instant on every host', '2025-12-22T10:30:05'],
    ['a date', '2025-12-22'],
    ['a date in words', 'Mon, 22 Dec 2025 10:30:05 GMT'],
    ['unix seconds', '1766399405'],
    ['a month 13', '2025-13-01T00:00:00Z'],
    ['a 30 February', '2025-02-30T00:00:00Z'],
    ['a 29 February of a common year', '2025-02-29T00:00:00Z'],
    ['a 31 April', '2025-04-31T00:00:00Z'],
    ['a day 0', '2025-04-00T00:00:00Z'],
    ['a minute 60', '2025-12-22T10:60:00Z'],
    ['an hour 25', '2025-12-22T25:00:00Z'],
    ['a year beyond 9999', '9999-12-31T23:59:59-01:00'],
    ['a year before 0', '0000-01-01T00:00:00+01:00'],
    ['an empty text', ''],
  ])('%s is none: %s', (_what, text) => {
    expect(wireTime(text)).toBeUndefined();
  });
});
