/** How much of an answer is read, whatever the receiver sends. */
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { countBodyBytes, readInPieces } from '../../../activities/http/answer-limits.ts';

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
  readInPieces(socket, { maxLines: 10, onExceeded: () => undefined });
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
  readInPieces(socket, { maxLines: 600, onExceeded: () => (told += 1) });
  socket.push('a\n'.repeat(512));
  expect(String(socket.read())).toBe('a\n'.repeat(512));
  socket.push('a\n'.repeat(512));
  expect([socket.read(), socket.read(), told]).toEqual([null, null, 1]);
});
