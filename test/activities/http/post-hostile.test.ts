/** Real receivers on loopback that misbehave, row by row (H01 …): what one attempt makes of each, and that its socket is gone. */
import { describe, expect, test } from '@jest/globals';
import { attemptAt, loopbackSender } from '../../support/hostile-attempt.ts';
import { answering, dripping, flooding, httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import type { Behaviour } from '../../support/hostile-receiver.ts';

const immediately: Behaviour = () => undefined;

describe('no status line in time', () => {
  const headersMs = { phases: { headersMs: 200 } };

  test('H01: a receiver that accepts and never answers ends at the headers deadline', async () => {
    expect(await attemptAt(immediately, headersMs)).toMatchObject({ outcome: 'timeout', code: 'timeout_headers' });
  });

  test('H02: dripping header lines does not move the headers deadline', async () => {
    const result = await attemptAt(dripping('HTTP/1.1 200 OK\r\n', 'X-Drip: 1\r\n', 30), headersMs);
    expect(result).toMatchObject({ outcome: 'timeout', code: 'timeout_headers' });
  });

  test('H03: an endless reason phrase ends at the headers deadline', async () => {
    const result = await attemptAt(dripping('HTTP/1.1 200 ', 'OK '.repeat(100), 20), headersMs);
    expect(result).toMatchObject({ outcome: 'timeout', code: 'timeout_headers' });
  });

  test('H04: a header block over 16 KiB is cut off', async () => {
    const result = await attemptAt(answering(['HTTP/1.1 200 OK\r\n', `X-Big: ${'x'.repeat(20_000)}\r\n`]));
    expect(result).toMatchObject({ outcome: 'network', code: 'headers_too_large' });
  });

  test('H05: a flood of 103 answers ends at the eleventh', async () => {
    const result = await attemptAt(flooding('', 'HTTP/1.1 103 Early Hints\r\n\r\n'));
    expect(result).toMatchObject({ outcome: 'network', code: 'informational_flood' });
    expect(result.durationMs).toBeLessThan(1_000);
  });

  test('H06: slow 103 answers dodge the headers deadline and end at the total one', async () => {
    const drip = dripping('', 'HTTP/1.1 103 Early Hints\r\n\r\n', 150);
    const result = await attemptAt(drip, { deadlineMs: 700, phases: { headersMs: 300 } });
    expect(result).toMatchObject({ outcome: 'timeout', code: 'timeout_total' });
  });

  test('ten 103 answers and then a 200 are delivered', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(10);
    expect(await attemptAt(answering([hints, httpAnswer('200 OK')]))).toMatchObject({ outcome: 'delivered' });
  });

  test('H24: a receiver that never reads a large body ends at a deadline', async () => {
    const unread: Behaviour = (socket) => void socket.pause();
    const result = await attemptAt(unread, { deadlineMs: 500 }, 'x'.repeat(20_000_000));
    expect(result).toMatchObject({ outcome: 'timeout' });
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
    expect(await attemptAt(behave)).toMatchObject({ outcome: 'network', code });
  });
});

test('H25: a redirect to the metadata address is returned, not followed', async () => {
  const redirect = httpAnswer('307 Moved', { headers: 'Location: http://169.254.169.254/latest/\r\n' });
  expect(await attemptAt(answering([redirect]))).toMatchObject({ outcome: 'http', code: 'http_307', status: 307 });
});

test('H25: a redirect to the receiver itself brings no second request', async () => {
  const receiver = await startReceiver(answering([httpAnswer('302 Found', { headers: 'Location: /again\r\n' })]));
  try {
    const url = `http://127.0.0.1:${receiver.port}/hook`;
    expect(await loopbackSender().post({ url, headers: {}, body: '' })).toMatchObject({ outcome: 'http', status: 302 });
    expect(receiver.received().match(/POST \//g)).toHaveLength(1);
  } finally {
    await receiver.stop();
  }
});

test("H18: an escape character in the reason phrase, like all of the receiver's words, stays out of the result", async () => {
  const result = await attemptAt(
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
  const receiver = await startReceiver(answering([httpAnswer('200 OK', { headers: 'Set-Cookie: a=b\r\n' })]));
  try {
    const sender = loopbackSender();
    const url = `http://127.0.0.1:${receiver.port}/`;
    await sender.post({ url, headers: {}, body: '1' });
    await sender.post({ url, headers: {}, body: '2' });
    expect(receiver.connections()).toBe(2);
    expect(receiver.received().toLowerCase()).not.toContain('cookie');
  } finally {
    await receiver.stop();
  }
});

test('H33: a closed port is connect_refused', async () => {
  const receiver = await startReceiver(immediately);
  await receiver.stop();
  const result = await loopbackSender().post({ url: `http://127.0.0.1:${receiver.port}/`, headers: {}, body: '' });
  expect(result).toMatchObject({ outcome: 'network', code: 'connect_refused', responseBytes: 0 });
});
