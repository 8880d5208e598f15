/** Once the status line is there it decides: hostile receivers (rows H09 to H23) whose answer goes wrong afterwards. */
import { describe, expect, test } from '@jest/globals';
import type { PostResult } from '../../../activities/http/post.ts';
import { attemptAt } from '../../support/hostile-attempt.ts';
import { answering, dripping, flooding, httpAnswer } from '../../support/hostile-receiver.ts';
import type { Behaviour } from '../../support/hostile-receiver.ts';

const OK_ENDLESS = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('trouble after a 2xx status line is still delivered', () => {
  // 3 s: receiver and sender share one busy process, and a flood may hold its event loop for most of a second.
  const idle = { deadlineMs: 3_000, phases: { bodyIdleMs: 200 } };
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
    expect(await attemptAt(behave, idle)).toMatchObject({ outcome: 'delivered', ...expected });
  });

  test('H15: RST in the middle of the body', async () => {
    const reset: Behaviour = async (socket, requestSeen) => {
      await requestSeen;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', () =>
        setTimeout(() => socket.resetAndDestroy(), 50),
      );
    };
    expect(await attemptAt(reset)).toMatchObject({ outcome: 'delivered', code: 'http_200', responseBytes: 3 });
  });

  test('H23: a status before the body was read counts', async () => {
    const early: Behaviour = async (socket, requestSeen) => {
      await requestSeen;
      socket.end(httpAnswer('413 Too Large', { headers: 'Connection: close\r\n' }));
    };
    expect(await attemptAt(early, {}, 'x'.repeat(20_000_000))).toMatchObject({
      outcome: 'http',
      code: 'http_413',
      status: 413,
    });
  });
});
