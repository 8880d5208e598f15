/** The bounds of one attempt: at each, one above it, and far above it. The table is docs/limits.md. */
import { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { countBodyBytes, limitReading } from '../../../activities/http/answer-limits.ts';
import { createTlsWire } from '../../../activities/http/tls-wire.ts';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';

const sender = createWebhookSender({ policy: parseEgressOptions(LOOPBACK_EGRESS) });

let receiver: HostileReceiver;
let answer = '';
beforeEach(async () => {
  answer = httpAnswer('200 OK');
  receiver = await startReceiver(async (socket, requestSeen) => {
    await requestSeen;
    socket.end(answer, 'latin1');
  });
});
afterEach(() => receiver.stop());

const post = (headers: Record<string, string> = {}) =>
  sender.post({ url: `http://127.0.0.1:${receiver.port}/hook`, headers, body: '{}' });

describe('request header values', () => {
  test.each([
    [8_192, 'http_200', 1],
    [8_193, 'request_invalid', 0],
    [5_000_000, 'request_invalid', 0],
  ])('of %i characters together: %s', async (chars, code, connections) => {
    const result = await post({ 'webhook-id': 'm'.repeat(chars - 100), 'x-other': 'x'.repeat(100) });
    expect([result.code, receiver.connections()]).toEqual([code, connections]);
  });
});

describe('informational answers', () => {
  test.each([
    [10, 'http_200'],
    [11, 'informational_flood'],
    [500, 'informational_flood'],
  ])('%i of them: %s', async (count, code) => {
    answer = 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(count) + httpAnswer('200 OK');
    expect(await post()).toMatchObject({ code });
  });
});

describe('lines of an answer', () => {
  const lines = (count: number): string => `HTTP/1.1 103 Hints\r\n${'a:\r\n'.repeat(count - 2)}\r\n`;
  test.each([
    // Two of the lines belong to the final answer.
    [512, 'http_204'],
    [513, 'headers_too_large'],
    [1_000_000, 'headers_too_large'],
  ])('%i of them, the status line last: %s', async (count, code) => {
    answer = `${lines(count - 2)}HTTP/1.1 204 None\r\n\r\n`;
    expect(await post()).toMatchObject({ code });
  });
});

describe('the header block of a 503', () => {
  const status = 'HTTP/1.1 503 Down\r\n';
  const fields = (bytes: number): string => {
    // Names and values count, without what stands between them.
    const counted = 'Retry-After'.length + '7'.length + 'X-A'.length;
    return `${status}Retry-After: 7\r\nX-A: ${'x'.repeat(bytes - counted)}\r\n\r\n`;
  };
  test.each([
    [16_383, 7_000],
    [16_384, 7_000],
    [16_385, undefined],
    [97_000, undefined],
  ])('of %i bytes: the status is known, Retry-After is %p', async (bytes, retryAfterMs) => {
    answer = fields(bytes);
    const result = await post();
    expect([result.code, result.retryAfterMs]).toEqual(['http_503', retryAfterMs]);
  });
});

describe('the body of an answer', () => {
  test.each([
    [65_536, 65_536],
    [65_537, 65_536],
    [10_000_000, 65_536],
  ])('of %i bytes: %i are read', async (sent, counted) => {
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let left = sent; left > 0; left -= 1_000) yield new Uint8Array(Math.min(left, 1_000));
    }
    expect(await countBodyBytes(body(), 65_536)).toBe(counted);
    answer = httpAnswer('200 OK', { body: 'x'.repeat(sent) });
    expect(await post()).toMatchObject({ outcome: 'delivered', responseBytes: counted });
  });
});

describe('bytes of an answer', () => {
  test.each([
    [212_992, 0],
    [212_993, 1],
    [5_000_000, 1],
  ])('%i of them: %i floods', async (bytes, floods) => {
    const socket = new Socket();
    let read = 0;
    Object.defineProperty(socket, 'bytesRead', { get: () => read });
    let told = 0;
    limitReading(socket, 212_992, () => (told += 1));
    read = bytes;
    socket.emit('readable');
    expect(told).toBe(floods);
  });
});

describe('bytes of a TLS connection', () => {
  /** What a wire passes on of `bytes`, and whether it reports a flood. */
  async function handedOver(bytes: number, { secured }: { readonly secured: boolean }) {
    const tcp = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    let handed = 0;
    let floods = 0;
    const bounds = { handshakeBytes: 16_384, totalBytes: 262_144 };
    const wire = createTlsWire(
      tcp as Socket,
      bounds,
      (step) => void setImmediate(step),
      () => {
        floods += 1;
        wire.stream.destroy();
      },
    );
    if (secured) wire.secured();
    wire.stream.on('data', (chunk: Buffer) => (handed += chunk.length));
    const closed = new Promise((resolve) => wire.stream.once('close', resolve));
    for (let left = bytes; left > 0; left -= 60_000) tcp.push(Buffer.alloc(Math.min(left, 60_000)));
    tcp.push(null);
    await closed;
    return { handed, floods };
  }

  test.each([
    [16_384, { handed: 16_384, floods: 0 }],
    [16_385, { handed: 16_384, floods: 1 }],
    [1_000_000, { handed: 16_384, floods: 1 }],
  ])('%i before the handshake is over: %j', async (bytes, expected) => {
    expect(await handedOver(bytes, { secured: false })).toEqual(expected);
  });

  test.each([
    [262_144, { handed: 262_144, floods: 0 }],
    [262_145, { floods: 1 }],
    [5_000_000, { floods: 1 }],
  ])('%i in all: %j', async (bytes, expected) => {
    const seen = await handedOver(bytes, { secured: true });
    expect(seen).toMatchObject(expected);
    expect(seen.handed).toBeLessThanOrEqual(262_144);
  });
});
