import { expect, test } from '@jest/globals';
import { readMoment, storedTime } from '../../../contract/moment.ts';

test.each([
  ['2026-06-01T00:00:00Z', '2026-06-01T00:00:00.000Z'],
  ['2026-06-01T00:00:00.5z', '2026-06-01T00:00:00.500Z'],
  ['2026-06-01T02:00:00+02:00', '2026-06-01T00:00:00.000Z'],
  ['2026-06-01T02:00+0200', '2026-06-01T00:00:00.000Z'],
  ['2026-06-01 00:00:00Z', '2026-06-01T00:00:00.000Z'],
  ['2026-06-01', '2026-06-01T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['0001-01-01', '0001-01-01T00:00:00.000Z'],
])('%s is the moment %s', (text, moment) => expect(readMoment(text)).toBe(moment));

test('a time without a zone is one of this machine', () => {
  expect(readMoment('2026-06-01T12:00')).toBe(new Date(2026, 5, 1, 12).toISOString());
});

// Most of them are times to `Date.parse`.
test.each([
  '12',
  '1.5',
  '2026',
  '2026-06',
  'June 1, 2026',
  '01/06/2026',
  'Mon, 01 Jun 2026 00:00:00 GMT',
  '2026-02-30',
  '2026-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-13-01',
  '2026-06-01T25:00:00Z',
  '0000-01-01',
  '+010000-01-01T00:00:00Z',
  '9999-12-31T23:59:59-01:00',
  ' 2026-06-01',
  '2026-06-01T00:00:00Z ',
  '',
])('%j is none', (text) => expect(readMoment(text)).toBeUndefined());

test('a Date is a moment, and nothing else that is no text', () => {
  expect(readMoment(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  for (const value of [new Date(Number.NaN), 0, null, undefined, {}]) expect(readMoment(value)).toBeUndefined();
});

test('a moment outside of the years 1 to 9999, or none, has no form', () => {
  for (const ms of [Number.NaN, -1e15, 1e15, Infinity]) expect(storedTime(ms)).toBeUndefined();
});
