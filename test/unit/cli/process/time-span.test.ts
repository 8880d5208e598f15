/** Times as people type them. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readMoment } from '../../../../cli/process/time-span.ts';

test.each([
  ['2026-06-01', '2026-06-01T00:00:00.000Z'],
  ['2026-06-01T10:00', '2026-06-01T10:00:00.000Z'],
  ['2026-06-01 10:00:05', '2026-06-01T10:00:05.000Z'],
  ['2026-06-01T10:00:05.25z', '2026-06-01T10:00:05.250Z'],
  ['2026-06-01T10:00+02:00', '2026-06-01T08:00:00.000Z'],
  ['2026-06-01T10:00:00-0530', '2026-06-01T15:30:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
])('%s is %s: without a zone it is UTC, on whatever machine', (text, expected) => {
  expect(readMoment(text)).toBe(expected);
});

test.each([
  '2026-02-31',
  '2026-13-01',
  '2026-06-01 junk',
  '2026-06-01T25:00',
  '2026-06-01T10',
  '06/01/2026',
  'yesterday',
])('%s is no time', (text) => {
  expect(() => readMoment(text)).toThrow('Give a span back from now');
});

test.each([
  ['15:00', '15:00'],
  ['7:30', '07:30'],
])('%s alone is refused with the form that is taken: of which day, and in which zone?', (text, padded) => {
  const today = new Date().toISOString().slice(0, 10);
  const words = `Give a time of day with its date, in UTC: ${today}T${padded}Z. Or a span, like 2h.`;
  expect(() => readMoment(text)).toThrow(words);
  expect(readMoment(`${today}T${padded}Z`)).toBe(`${today}T${padded}:00.000Z`);
});

test('a time that was printed is read as the same time', () => {
  const min = new Date('0001-01-01T00:00:00Z');
  const max = new Date('9999-12-31T23:59:59Z');
  fc.assert(
    fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
      expect(readMoment(date.toISOString())).toBe(date.toISOString());
    }),
  );
});
