/** Receivers that are slow or never end, before the status line and after it: H01 to H14. */
import { gzipSync } from 'node:zlib';
import { answering, dripping, flooding, httpAnswer } from './hostile-receiver.ts';
import { delivered, retry } from './hostile-row.ts';
import type { Row } from './hostile-row.ts';

const EARLY_HINTS = 'HTTP/1.1 103 Early Hints\r\n\r\n';
const OK_CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
/** 200 MB of zeros in 200 KB: gzip members in a row are one stream. */
const GZIP_BOMB = Buffer.concat(Array.from({ length: 200 }, () => gzipSync(Buffer.alloc(1_000_000)))).toString(
  'latin1',
);

export const SLOW_ROWS: readonly Row[] = [
  {
    row: 'H01',
    title: 'accepts the connection and never answers',
    variants: [retry('', () => undefined, 'timeout_headers')],
  },
  {
    row: 'H02',
    title: 'drips its header block without an end',
    variants: [
      delivered('by bytes', dripping('HTTP/1.1 200 OK\r\nX-Drip: ', 'x', 300)),
      delivered('by lines', dripping('HTTP/1.1 200 OK\r\n', 'X-Drip: 1\r\n', 300)),
      retry('by lines, below a 503', dripping('HTTP/1.1 503 Down\r\n', 'X-Drip: 1\r\n', 300), 'http_503'),
      retry('half a status line', dripping('HTTP/1.1 20', '', 300), 'timeout_headers'),
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
      delivered('one field', answering(['HTTP/1.1 200 OK\r\n', `X-Big: ${'x'.repeat(20_000)}\r\n`])),
      delivered('fields without an end', flooding('HTTP/1.1 200 OK\r\n', 'X-Many: 1\r\n'.repeat(500))),
      retry(
        'fields without an end, below a 503',
        flooding('HTTP/1.1 503 Down\r\n', 'X-Many: 1\r\n'.repeat(500)),
        'http_503',
      ),
      retry(
        'fields without an end, below a 103',
        flooding('HTTP/1.1 103 Early Hints\r\n', 'X-Many: 1\r\n'.repeat(500)),
        'headers_too_large',
      ),
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
    variants: [
      retry('and nothing more', answering(['HTTP/1.1 100 Continue\r\n\r\n']), 'protocol_error'),
      delivered('and then 200', answering(['HTTP/1.1 100 Continue\r\n\r\n', httpAnswer('200 OK')])),
    ],
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
];
