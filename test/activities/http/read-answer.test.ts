/** What is taken from a receiver's headers and body, and what is not believed. */
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { countBodyBytes, mediaType, readInPieces, retryAfterMs } from '../../../activities/http/read-answer.ts';

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

test('a missing or repeated Retry-After is none', () => {
  expect(retryAfterMs(undefined, NOW_MS)).toBeUndefined();
  expect(retryAfterMs(['1', '2'], NOW_MS)).toBeUndefined();
});

test.each([
  ['application/json', 'application/json'],
  ['Application/JSON; charset=utf-8', 'application/json'],
  ['application/vnd.api+json', 'application/vnd.api+json'],
  [`a/${'b'.repeat(98)}`, `a/${'b'.repeat(98)}`],
  [`a/${'b'.repeat(99)}`, undefined],
  ['text', undefined],
  ['text/', undefined],
  ['text/<script>', undefined],
  ['text/html secret', undefined],
  ['text/html/x', undefined],
  ['', undefined],
])('the media type of "%s" is %p', (header, expected) => {
  expect(mediaType(header)).toBe(expected);
});

test('reading stops at the limit and says so', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += 1;
      yield new Uint8Array(40);
    }
  }
  expect(await countBodyBytes(endless(), 100)).toBe(100);
  expect(given).toBe(3);
});

test('a body that breaks counts up to where it broke', async () => {
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(7);
    throw new Error('broken');
  }
  expect(await countBodyBytes(breaking(), 100)).toBe(7);
});

test('what came in at once is read in pieces of 1 KiB, and no more of it once the socket is destroyed', () => {
  const socket = new Socket();
  readInPieces(socket, 10, () => undefined);
  socket.push(Buffer.alloc(2_500));
  expect([socket.read(), socket.read(), socket.read()].map((piece: Buffer) => piece.length)).toEqual([
    1_024, 1_024, 452,
  ]);
  expect(socket.read()).toBeNull();
  socket.push(Buffer.alloc(2_500));
  socket.destroy();
  expect(socket.read()).toBeNull();
});

test('nothing is handed out of a socket that has brought too many lines, and it is told once', () => {
  const socket = new Socket();
  let told = 0;
  readInPieces(socket, 600, () => (told += 1));
  socket.push('a\n'.repeat(512));
  expect(String(socket.read())).toBe('a\n'.repeat(512));
  socket.push('a\n'.repeat(512));
  expect([socket.read(), socket.read(), told]).toEqual([null, null, 1]);
});
