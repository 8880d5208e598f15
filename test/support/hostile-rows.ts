/**
 * What receivers do to a sender, H01 to H26: one row a misbehaviour, each with its variants and what must become of the
 * attempt. Rows H27 to H34 (TLS, HTTP/2, names) stand in hostile-tls-rows.ts; the lab plays them all.
 */
import { gzipSync } from 'node:zlib';
import type { TlsOptions } from 'node:tls';
import type { Verdict } from '../../activities/http/verdict.ts';
import { answering, dripping, flooding, httpAnswer } from './hostile-receiver.ts';
import type { Behaviour, HostileReceiver } from './hostile-receiver.ts';

/** One way of misbehaving, and what one attempt at it comes to. */
export type Variant = {
  readonly does: string;
  readonly behave: Behaviour;
  readonly verdict: Verdict;
  /** The reason code; several where the operating system decides which. */
  readonly code: string | readonly string[];
  readonly tls?: TlsOptions;
  /** Default `http`, with `tls` `https`. */
  readonly scheme?: 'http' | 'https';
  /** Default 127.0.0.1; a name is resolved to it, except where it says otherwise itself (`silent`, `missing`). */
  readonly host?: string;
  readonly body?: string;
  /** Attempts, one after the other. Default 1. */
  readonly posts?: number;
  /** Connections it takes in all. Default one a post. */
  readonly connections?: number;
  /** The receiver stops listening before the attempt. */
  readonly stopped?: boolean;
  /** What else must be true of the receiver afterwards. */
  readonly also?: (receiver: HostileReceiver) => boolean;
};

export type Row = { readonly row: string; readonly title: string; readonly variants: readonly Variant[] };

const EARLY_HINTS = 'HTTP/1.1 103 Early Hints\r\n\r\n';
const OK_CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const LARGE_BODY = 'x'.repeat(20_000_000);
/** 200 MB of zeros in 200 KB: gzip members in a row are one stream. */
const GZIP_BOMB = Buffer.concat(Array.from({ length: 200 }, () => gzipSync(Buffer.alloc(1_000_000)))).toString(
  'latin1',
);

const retry = (does: string, behave: Behaviour, code: Variant['code'], more: Partial<Variant> = {}): Variant => ({
  does,
  behave,
  verdict: 'retry',
  code,
  ...more,
});
const delivered = (does: string, behave: Behaviour, code = 'http_200'): Variant => ({
  does,
  behave,
  verdict: 'delivered',
  code,
});
const afterRequest = (act: Behaviour): Behaviour => {
  return async (socket, requestSeen) => {
    await requestSeen;
    await act(socket, requestSeen);
  };
};
const LOST = ['connection_reset', 'connection_closed'];
/** Requests that came. */
export const requestsAt = (receiver: HostileReceiver): number => receiver.received().match(/POST \/hook/g)?.length ?? 0;

export const HTTP_ROWS: readonly Row[] = [
  {
    row: 'H01',
    title: 'accepts the connection and never answers',
    variants: [retry('', () => undefined, 'timeout_headers')],
  },
  {
    row: 'H02',
    title: 'drips its header block without an end',
    variants: [
      retry('by bytes', dripping('HTTP/1.1 200 OK\r\nX-Drip: ', 'x', 300), 'timeout_headers'),
      retry('by lines', dripping('HTTP/1.1 200 OK\r\n', 'X-Drip: 1\r\n', 300), 'timeout_headers'),
    ],
  },
  {
    row: 'H03',
    title: 'sends a reason phrase without an end',
    variants: [
      retry('slowly', dripping('HTTP/1.1 200 ', 'OK ', 300), 'timeout_headers'),
      retry('as fast as it can', flooding('HTTP/1.1 200 ', 'OK '.repeat(20_000)), 'headers_too_large'),
    ],
  },
  {
    row: 'H04',
    title: 'sends a header block over 16 KiB',
    variants: [
      retry('one field', answering(['HTTP/1.1 200 OK\r\n', `X-Big: ${'x'.repeat(20_000)}\r\n`]), 'headers_too_large'),
      retry('fields without an end', flooding('HTTP/1.1 200 OK\r\n', 'X-Many: 1\r\n'.repeat(500)), 'headers_too_large'),
    ],
  },
  {
    row: 'H05',
    title: 'floods with 103 answers',
    variants: [retry('', flooding('', EARLY_HINTS.repeat(100)), 'informational_flood')],
  },
  {
    row: 'H06',
    title: 'sends 103 answers slowly',
    variants: [
      retry('one every 300 ms, which our count of ten ends', dripping('', EARLY_HINTS, 300), 'informational_flood'),
      retry('one every 2 s, which only the total deadline ends', dripping('', EARLY_HINTS, 2_000), 'timeout_total'),
    ],
  },
  {
    row: 'H07',
    title: 'answers 100 Continue unasked',
    variants: [retry('', answering(['HTTP/1.1 100 Continue\r\n\r\n']), 'protocol_error')],
  },
  {
    row: 'H08',
    title: 'answers 101 Switching Protocols',
    variants: [retry('', answering(['HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n']), 'protocol_error')],
  },
  {
    row: 'H09',
    title: 'answers 200 and drips its body',
    variants: [delivered('', dripping(OK_CHUNKED, '1\r\nx\r\n', 300))],
  },
  {
    row: 'H10',
    title: 'answers 200 and stalls in a body of 99 GB',
    variants: [delivered('', answering(['HTTP/1.1 200 OK\r\nContent-Length: 99000000000\r\n\r\nab']))],
  },
  {
    row: 'H11',
    title: 'answers 200 with a body without an end',
    variants: [
      delivered('in chunks', flooding(OK_CHUNKED, `4000\r\n${'x'.repeat(0x4000)}\r\n`)),
      delivered('until it closes', flooding('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(60_000))),
      delivered('in chunks of one byte', flooding(OK_CHUNKED, '1\r\nx\r\n'.repeat(5_000))),
    ],
  },
  {
    row: 'H12',
    title: 'answers 200 with a gzip bomb of 200 MB, which nobody inflates',
    variants: [
      delivered(
        '',
        answering([
          `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${GZIP_BOMB.length}\r\n\r\n${GZIP_BOMB}`,
        ]),
      ),
    ],
  },
  {
    row: 'H13',
    title: 'answers 200 with a chunk extension without an end',
    variants: [
      delivered('slowly', dripping(`${OK_CHUNKED}1;`, 'ext=1;', 300)),
      delivered('as fast as it can', flooding(`${OK_CHUNKED}1;`, 'ext=1;'.repeat(10_000))),
    ],
  },
  {
    row: 'H14',
    title: 'answers 200 with trailers without an end',
    variants: [delivered('', flooding(`${OK_CHUNKED}1\r\nx\r\n0\r\n`, 'X-Trailer: 1\r\n'.repeat(500)))],
  },
  {
    row: 'H15',
    title: 'answers 200 and breaks off in the body',
    variants: [
      delivered('by FIN', answering(['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'], { thenEnd: true })),
      delivered(
        'by RST',
        afterRequest((socket) => {
          // The reset would overtake bytes that the other end has not read yet.
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
      retry('a negative length', answering(['HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n']), 'protocol_error'),
      retry('status 99', answering(['HTTP/1.1 99 Low\r\n\r\n']), 'protocol_error'),
      retry('status 1000', answering(['HTTP/1.1 1000 High\r\n\r\n']), 'protocol_error'),
      retry('an escape sequence as its reason', answering([httpAnswer('503 \x1b[31mred')]), 'http_503'),
    ],
  },
  {
    row: 'H19',
    title: 'contradicts itself about the length',
    variants: [
      retry(
        'twice',
        answering(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde']),
        'protocol_error',
      ),
      retry(
        'a length and chunks',
        answering(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n']),
        'protocol_error',
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
