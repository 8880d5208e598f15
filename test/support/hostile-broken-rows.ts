/** Receivers that break off, talk nonsense or point elsewhere: H15 to H26. */
import { answering, httpAnswer } from './hostile-receiver.ts';
import { afterRequest, delivered, LOST, requestsAt, retry } from './hostile-row.ts';
import type { Row } from './hostile-row.ts';

const LARGE_BODY = 'x'.repeat(20_000_000);

export const BROKEN_ROWS: readonly Row[] = [
  {
    row: 'H15',
    title: 'answers 200 and breaks off in the body',
    variants: [
      delivered('by FIN', answering(['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'], { thenEnd: true })),
      delivered(
        'by RST',
        afterRequest((socket) => {
          // The reset would overtake bytes that the other end has not yet read.
          const reset = (): void => void setTimeout(() => socket.resetAndDestroy(), 300);
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', reset);
        }),
      ),
    ],
  },
  {
    row: 'H16',
    title: 'answers 204 with a Content-Length',
    variants: [
      delivered('and a body', answering(['HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\nabcde']), 'http_204'),
      delivered('and no body', answering(['HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n']), 'http_204'),
    ],
  },
  {
    row: 'H17',
    title: 'drops the connection without an answer',
    variants: [
      retry('RST on accept', (socket) => void socket.resetAndDestroy(), LOST),
      retry(
        'RST after the request',
        afterRequest((socket) => void socket.resetAndDestroy()),
        LOST,
      ),
      retry(
        'FIN after the request',
        afterRequest((socket) => void socket.end()),
        LOST,
      ),
    ],
  },
  {
    row: 'H18',
    title: 'answers what is no HTTP',
    variants: [
      retry('garbage', answering(['\0\x01\x02 garbage \r\n\r\n']), 'protocol_error'),
      retry('HTTP/0.9', answering(['<html>hello</html>']), 'protocol_error'),
      delivered('a negative length', answering(['HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n'])),
      retry('HTTP/2.0', answering(['HTTP/2.0 200 OK\r\n\r\n']), 'protocol_error'),
      retry('status 99', answering(['HTTP/1.1 99 Low\r\n\r\n']), 'protocol_error'),
      retry('status 1000', answering(['HTTP/1.1 1000 High\r\n\r\n']), 'protocol_error'),
      retry('an escape sequence as its reason', answering([httpAnswer('503 \x1b[31mred')]), 'http_503'),
    ],
  },
  {
    row: 'H19',
    title: 'contradicts itself about the length',
    variants: [
      delivered('twice', answering(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde'])),
      delivered(
        'a length and chunks',
        answering(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n']),
      ),
      retry(
        'a length and chunks, below a 500',
        answering(['HTTP/1.1 500 Oops\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n']),
        'http_500',
      ),
    ],
  },
  {
    row: 'H20',
    title: 'answers with status 000',
    variants: [retry('', answering(['HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n']), 'protocol_error')],
  },
  {
    row: 'H21',
    title: 'answers with status 999',
    variants: [retry('', answering([httpAnswer('999 Odd')]), 'protocol_error')],
  },
  {
    row: 'H22',
    title: 'sends a second answer nobody asked for: the first decides, the next attempt never sees it',
    variants: [
      { ...delivered('200, then 500', answering([httpAnswer('200 OK') + httpAnswer('500 Oops')])), posts: 2 },
      retry('500, then 200', answering([httpAnswer('500 Oops') + httpAnswer('200 OK')]), 'http_500', { posts: 2 }),
    ],
  },
  {
    row: 'H23',
    title: 'answers before it has read a body of 20 MB, and closes',
    variants: [
      retry(
        '413',
        afterRequest((socket) => void socket.end(httpAnswer('413 Too Large', { headers: 'Connection: close\r\n' }))),
        'http_413',
        { body: LARGE_BODY },
      ),
      {
        ...delivered(
          '200',
          afterRequest((socket) => void socket.end(httpAnswer('200 OK', { headers: 'Connection: close\r\n' }))),
        ),
        body: LARGE_BODY,
      },
    ],
  },
  {
    row: 'H24',
    title: 'never reads our body',
    variants: [retry('', (socket) => void socket.pause(), ['timeout_headers', 'timeout_total'], { body: LARGE_BODY })],
  },
  {
    row: 'H25',
    title: 'redirects to the metadata address: nobody goes there',
    variants: [
      retry(
        '',
        answering([httpAnswer('307 Moved', { headers: 'Location: http://169.254.169.254/latest/\r\n' })]),
        'http_307',
      ),
    ],
  },
  {
    row: 'H26',
    title: 'sets a cookie: the next attempt brings none',
    variants: [
      {
        ...delivered('', answering([httpAnswer('200 OK', { headers: 'Set-Cookie: a=b\r\n' })])),
        posts: 2,
        also: (receiver) => requestsAt(receiver) === 2 && !/cookie/i.test(receiver.received()),
      },
    ],
  },
];
