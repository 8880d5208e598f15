/** What is taken from a receiver's headers, and what is not believed. */
import { expect, test } from '@jest/globals';
import { mediaType, retryAfterMs } from '../../../activities/http/answer-headers.ts';

const NOW_MS = Date.UTC(1994, 10, 6, 8, 49, 0);

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 120 ', 120_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Sun, 06 Nov 1994 08:48:00 GMT', 0],
])('Retry-After "%s" is %i ms', (header, expected) => {
  expect(retryAfterMs(header, NOW_MS)).toBe(expected);
});

test.each([
  '',
  '-5',
  '1.5',
  '1e3',
  '0x10',
  '12345678901',
  'soon',
  'Sun, 99 Nov 1994 08:49:37 GMT',
  '1994-11-06T08:49:37Z',
])('Retry-After "%s" is not believed', (header) => {
  expect(retryAfterMs(header, NOW_MS)).toBeUndefined();
});

test.each([
  [9, 999_999_999_000],
  [10, undefined],
  [100_000, undefined],
])('Retry-After of %i digits is %p ms', (digits, expected) => {
  expect(retryAfterMs('9'.repeat(digits), NOW_MS)).toBe(expected);
});

test('a missing or repeated Retry-After is none', () => {
  expect(retryAfterMs(undefined, NOW_MS)).toBeUndefined();
  expect(retryAfterMs(['1', '2'], NOW_MS)).toBeUndefined();
});

test.each([
  ['application/json', 'application/json'],
  ['Application/JSON; charset=utf-8', 'application/json'],
  ['application/vnd.api+json', 'application/vnd.api+json'],
  ['text', undefined],
  ['text/', undefined],
  ['text/<script>', undefined],
  ['text/html secret', undefined],
  ['text/html/x', undefined],
  ['', undefined],
])('the media type of "%s" is %p', (header, expected) => {
  expect(mediaType(header)).toBe(expected);
});

test.each([
  [100, true],
  [101, false],
  [5_000_000, false],
])('a media type of %i characters is kept: %p', (length, isKept) => {
  const type = `a/${'b'.repeat(length - 2)}`;
  expect(mediaType(type)).toBe(isKept ? type : undefined);
});
