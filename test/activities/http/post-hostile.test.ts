/** Real receivers on loopback that misbehave, row by row (H01 …): what one attempt makes of each, and that its socket is gone. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress-policy.ts';
import { createWebhookSender } from '../../../activities/http/post.ts';
import type { PostResult } from '../../../activities/http/post.ts';
import { answering, dripping, flooding, httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import type { Behaviour, HostileReceiver } from '../../support/hostile-receiver.ts';

const policy = parseEgressOptions(LOOPBACK_EGRESS);
const OK_ENDLESS = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

let receiver: HostileReceiver | undefined;
afterEach(() => receiver?.stop());

type Timing = { deadlineMs?: number; phases?: { connectMs?: number; headersMs?: number; bodyIdleMs?: number } };

/** One attempt at a receiver that behaves like this; afterwards no connection is left open. */
async function attempt(behave: Behaviour, timing: Timing = {}, body = '{"a":1}'): Promise<PostResult> {
  receiver = await startReceiver(behave);
  const sender = createWebhookSender({ policy, deadlineMs: 2_000, ...timing });
  const result = await sender.post({ url: `http://127.0.0.1:${receiver.port}/hook`, headers: {}, body });
  await receiver.allClosed();
  expect(receiver.connections()).toBe(1);
  return result;
}

const immediately: Behaviour = () => undefined;

describe('no status line in time', () => {
  const headersMs = { phases: { headersMs: 200 } };

  test('H01: a receiver that accepts and never answers ends at the headers deadline', async () => {
    expect(await attempt(immediately, headersMs)).toMatchObject({ outcome: 'timeout', code: 'timeout_headers' });
  });

  test('H02: dripping header lines does not move the headers deadline', async () => {
    const result = await attempt(dripping('HTTP/1.1 200 OK\r\n', 'X-Drip: 1\r\n', 30), headersMs);
    expect(result).toMatchObject({ outcome: 'timeout', code: 'timeout_headers' });
  });

  test('H03: an endless reason phrase ends at the headers deadline', async () => {
    const result = await attempt(dripping('HTTP/1.1 200 ', 'OK '.repeat(100), 20), headersMs);
    expect(result).toMatchObject({ outcome: 'timeout', code: 'timeout_headers' });
  });

  test('H04: a header block over 16 KiB is cut off', async () => {
    const result = await attempt(answering(['HTTP/1.1 200 OK\r\n', `X-Big: ${'x'.repeat(20_000)}\r\n`]));
    expect(result).toMatchObject({ outcome: 'network', code: 'headers_too_large' });
  });

  test('H05: a flood of 103 answers ends at the eleventh', async () => {
    const result = await attempt(flooding('', 'HTTP/1.1 103 Early Hints\r\n\r\n'));
    expect(result).toMatchObject({ outcome: 'network', code: 'informational_flood' });
    expect(result.durationMs).toBeLessThan(1_000);
  });

  test('H06: slow 103 answers dodge the headers deadline and end at the total one', async () => {
    const drip = dripping('', 'HTTP/1.1 103 Early Hints\r\n\r\n', 150);
    const result = await attempt(drip, { deadlineMs: 700, phases: { headersMs: 300 } });
    expect(result).toMatchObject({ outcome: 'timeout', code: 'timeout_total' });
  });

  test('ten 103 answers and then a 200 are delivered', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(10);
    expect(await attempt(answering([hints, httpAnswer('200 OK')]))).toMatchObject({ outcome: 'delivered' });
  });

  test('H24: a receiver that never reads a large body ends at a deadline', async () => {
    const unread: Behaviour = (socket) => void socket.pause();
    const result = await attempt(unread, { deadlineMs: 500 }, 'x'.repeat(20_000_000));
    expect(result).toMatchObject({ outcome: 'timeout' });
  });
});

describe('trouble after a 2xx status line is still delivered', () => {
  const idle = { deadlineMs: 600, phases: { bodyIdleMs: 200 } };
  const rows: Array<[string, Behaviour, Partial<PostResult>]> = [
    ['H09: a body that drips', dripping(OK_ENDLESS, '1\r\nx\r\n', 50), { status: 200 }],
    [
      'H10: a body that stalls',
      answering(['HTTP/1.1 200 OK\r\nContent-Length: 99000000000\r\n\r\nab']),
      { responseBytes: 2 },
    ],
    [
      'H11: an endless chunked body',
      flooding(OK_ENDLESS, `4000\r\n${'x'.repeat(0x4000)}\r\n`),
      { responseBytes: 65_536 },
    ],
    [
      'H11: an endless body until close',
      flooding('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(9_000)),
      { responseBytes: 65_536 },
    ],
    [
      'H12: a body that says it is gzip is neither inflated nor believed',
      answering([httpAnswer('200 OK', { headers: 'Content-Encoding: gzip\r\n', body: 'no gzip' })]),
      { responseBytes: 7 },
    ],
    ['H13: an endless chunk extension', dripping(`${OK_ENDLESS}1;`, 'ext=1;', 30), { responseBytes: 0 }],
    ['H14: endless trailers', flooding(`${OK_ENDLESS}1\r\nx\r\n0\r\n`, 'X-Trailer: 1\r\n'), { responseBytes: 1 }],
    [
      'H15: FIN in the middle of the body',
      answering(['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'], { thenEnd: true }),
      {},
    ],
    [
      'H16: a 204 with a Content-Length',
      answering(['HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nabcde']),
      { status: 204 },
    ],
    [
      'H16: a 204 with a Content-Length and no body',
      answering(['HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n']),
      {},
    ],
    [
      'H22: a second answer nobody asked for',
      answering([httpAnswer('200 OK') + httpAnswer('500 Oops')]),
      { status: 200 },
    ],
  ];

  test.each(rows)('%s', async (_title, behave, expected) => {
    expect(await attempt(behave, idle)).toMatchObject({ outcome: 'delivered', ...expected });
  });

  test('H15: RST in the middle of the body', async () => {
    const reset: Behaviour = async (socket, requestSeen) => {
      await requestSeen;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', () =>
        setTimeout(() => socket.resetAndDestroy(), 50),
      );
    };
    expect(await attempt(reset)).toMatchObject({ outcome: 'delivered', code: 'http_200', responseBytes: 3 });
  });

  test('H23: a status before the body was read counts', async () => {
    const early: Behaviour = async (socket, requestSeen) => {
      await requestSeen;
      socket.end(httpAnswer('413 Too Large', { headers: 'Connection: close\r\n' }));
    };
    expect(await attempt(early, {}, 'x'.repeat(20_000_000))).toMatchObject({
      outcome: 'http',
      code: 'http_413',
      status: 413,
    });
  });
});

describe('no usable answer', () => {
  const afterRequest = (act: Behaviour): Behaviour => {
    return async (socket, requestSeen) => {
      await requestSeen;
      await act(socket, requestSeen);
    };
  };
  const lost = expect.stringMatching(/^connection_(reset|closed)$/);
  const rows: Array<[string, Behaviour, unknown]> = [
    ['H07: 100 Continue unasked', answering(['HTTP/1.1 100 Continue\r\n\r\n']), 'protocol_error'],
    [
      'H08: 101 Switching Protocols',
      answering(['HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n']),
      'protocol_error',
    ],
    ['H17: RST on accept', (socket) => void socket.resetAndDestroy(), lost],
    ['H17: RST after the request', afterRequest((socket) => void socket.resetAndDestroy()), lost],
    ['H17: FIN without an answer', afterRequest((socket) => void socket.end()), lost],
    ['H18: garbage', answering(['\0\x01\x02 garbage \r\n\r\n']), 'protocol_error'],
    ['H18: HTTP/0.9', answering(['<html>hello</html>']), 'protocol_error'],
    ['H18: a negative length', answering(['HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n']), 'protocol_error'],
    ['H18: status 99', answering(['HTTP/1.1 99 Low\r\n\r\n']), 'protocol_error'],
    ['H18: status 1000', answering(['HTTP/1.1 1000 High\r\n\r\n']), 'protocol_error'],
    [
      'H19: two different lengths',
      answering(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde']),
      'protocol_error',
    ],
    [
      'H19: a length and chunks',
      answering(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n']),
      'protocol_error',
    ],
    ['H20: status 000', answering(['HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n']), 'protocol_error'],
    ['H21: status 999', answering([httpAnswer('999 Odd')]), 'protocol_error'],
  ];

  test.each(rows)('%s', async (_title, behave, code) => {
    expect(await attempt(behave)).toMatchObject({ outcome: 'network', code });
  });
});

test('H25: a redirect to the metadata address is returned, not followed', async () => {
  const redirect = httpAnswer('307 Moved', { headers: 'Location: http://169.254.169.254/latest/\r\n' });
  expect(await attempt(answering([redirect]))).toMatchObject({ outcome: 'http', code: 'http_307', status: 307 });
});

test('H25: a redirect to the receiver itself brings no second request', async () => {
  const result = await attempt(answering([httpAnswer('302 Found', { headers: 'Location: /again\r\n' })]));
  expect(result).toMatchObject({ outcome: 'http', status: 302 });
  expect(receiver?.received().match(/POST \//g)).toHaveLength(1);
});

test("H18: an escape character in the reason phrase, like all of the receiver's words, stays out of the result", async () => {
  const result = await attempt(
    answering([httpAnswer('503 \x1b[31mSECRET', { headers: 'X-A: SECRET\r\n', body: 'SECRET' })]),
  );
  expect(result).toEqual({
    outcome: 'http',
    code: 'http_503',
    status: 503,
    responseBytes: 6,
    durationMs: expect.any(Number),
  });
});

test('H26: cookies are not kept', async () => {
  receiver = await startReceiver(answering([httpAnswer('200 OK', { headers: 'Set-Cookie: a=b\r\n' })]));
  const sender = createWebhookSender({ policy });
  const url = `http://127.0.0.1:${receiver.port}/`;
  await sender.post({ url, headers: {}, body: '1' });
  await sender.post({ url, headers: {}, body: '2' });
  expect(receiver.connections()).toBe(2);
  expect(receiver.received().toLowerCase()).not.toContain('cookie');
});

test('H33: a closed port is connect_refused', async () => {
  receiver = await startReceiver(immediately);
  const { port } = receiver;
  await receiver.stop();
  receiver = undefined;
  const sender = createWebhookSender({ policy });
  const result = await sender.post({ url: `http://127.0.0.1:${port}/`, headers: {}, body: '' });
  expect(result).toMatchObject({ outcome: 'network', code: 'connect_refused', responseBytes: 0 });
});
