/** A complete 2xx status line delivers, whatever follows it. Nothing else delivers. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readStatusLine } from '../../../activities/http/status-line.ts';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import type { PostResult } from '../../../activities/http/webhook-sender.ts';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';

const OK_BODY = '{"ok":true}';
const sender = createWebhookSender({ policy: parseEgressOptions(LOOPBACK_EGRESS) });

/** Answers by path: `/3` gets the third answer, cut into pieces where the answer says so. */
let answers: ReadonlyArray<readonly string[]> = [];
let receiver: HostileReceiver;
beforeAll(async () => {
  receiver = await startReceiver((socket) => {
    socket.once('data', (request: Buffer) => {
      const [, index = ''] = /^POST \/(\d+) /.exec(request.toString('latin1')) ?? [];
      for (const piece of answers[Number(index)] ?? []) socket.write(piece, 'latin1');
      socket.end();
    });
  });
});
afterAll(() => receiver.stop());

/** One POST for each answer, all side by side. */
function post(...given: ReadonlyArray<readonly string[]>): Promise<PostResult[]> {
  answers = given;
  const url = `http://127.0.0.1:${receiver.port}`;
  return Promise.all(given.map((_, index) => sender.post({ url: `${url}/${index}`, headers: {}, body: '{}' })));
}

describe('a 200 is delivered', () => {
  test.each([
    ['with LF line ends only', `HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 11\n\n${OK_BODY}`],
    [
      'with Content-Length beside chunked',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 11\r\n\r\nb\r\n${OK_BODY}\r\n0\r\n\r\n`,
    ],
    ['with two equal Content-Length', `HTTP/1.1 200 OK\r\nContent-Length: 11\r\nContent-Length: 11\r\n\r\n${OK_BODY}`],
    ['with two different Content-Length', `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n`],
    ['with a line without a colon', `HTTP/1.1 200 OK\r\nWarning in line 3\r\nContent-Length: 11\r\n\r\n${OK_BODY}`],
    ['with a folded header', `HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 11\r\n\r\n${OK_BODY}`],
    ['with control bytes in a header', `HTTP/1.1 200 OK\r\nX-A: \0\x01\x1b\r\nContent-Length: 11\r\n\r\n${OK_BODY}`],
    ['with control bytes in its reason', `HTTP/1.1 200 \0\x1b[31m\r\nContent-Length: 11\r\n\r\n${OK_BODY}`],
    ['with a length that is no number', `HTTP/1.1 200 OK\r\nContent-Length: eleven\r\n\r\n${OK_BODY}`],
    ['with a space before the colon', `HTTP/1.1 200 OK\r\nContent-Length : 11\r\n\r\n${OK_BODY}`],
    ['with 97 KB of headers', `HTTP/1.1 200 OK\r\n${`X-A: ${'x'.repeat(970)}\r\n`.repeat(100)}\r\n${OK_BODY}`],
    ['with a reason phrase of 20 KB', `HTTP/1.1 200 ${'x'.repeat(20_000)}\r\n\r\n`],
    ['without a reason phrase', 'HTTP/1.1 200\r\n\r\n'],
    ['without anything behind its line', 'HTTP/1.1 200 OK\n'],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\n'],
    ['of HTTP/1.7', 'HTTP/1.7 200 OK\r\n\r\n'],
    ['after 100 Continue', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n${OK_BODY}`],
    ['after 100 Continue with LF', `HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 11\n\n${OK_BODY}`],
    ['after a 103 with broken lines', 'HTTP/1.1 103 Hints\r\nno colon\r\n folded\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ])('%s', async (_how, raw) => {
    const before = receiver.connections();
    expect(await post([raw])).toEqual([
      expect.objectContaining({ outcome: 'delivered', code: 'http_200', status: 200 }),
    ]);
    // Byte by byte, as a slow line brings it.
    expect(await post([...raw.slice(0, 200).split(''), raw.slice(200)])).toEqual([
      expect.objectContaining({ outcome: 'delivered' }),
    ]);
    expect(receiver.connections() - before).toBe(2);
  });
});

test.each([
  ['500 with LF line ends', `HTTP/1.1 500 Oops\nContent-Length: 11\n\n${OK_BODY}`, 500],
  ['410 with two lengths', 'HTTP/1.1 410 Gone\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 410],
  ['404 with a broken line', 'HTTP/1.1 404 No\r\nno colon\r\n\r\n', 404],
  ['301 after 100 Continue', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 301 Moved\r\nno colon\r\n\r\n', 301],
])('another status is known and told, too: %s', async (_how, raw, status) => {
  expect(await post([raw])).toEqual([expect.objectContaining({ outcome: 'http', code: `http_${status}`, status })]);
});

test.each([
  ['garbage', 'HELLO\r\n\r\n'],
  ['half a status line', 'HTTP/1.1 20'],
  ['a status line without its end', 'HTTP/1.1 200 OK'],
  ['a status line that only CR ends', 'HTTP/1.1 200 OK\rContent-Length: 0\r\r'],
  ['a blank line before it', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['a space before it', ' HTTP/1.1 200 OK\r\n\r\n'],
  ['another case', 'http/1.1 200 OK\r\n\r\n'],
  ['HTTP/2.0', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['HTTP/0.9', 'HTTP/0.9 200 OK\r\n\r\n'],
  ['HTTP/11', 'HTTP/11 200 OK\r\n\r\n'],
  ['four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['two spaces', 'HTTP/1.1  200 OK\r\n\r\n'],
  ['a tab', 'HTTP/1.1\t200 OK\r\n\r\n'],
  ['a CR behind the digits', 'HTTP/1.1 200\rX\n\r\n'],
  ['a 200 in its second line', 'X-A: b\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['a 200 inside a 103', 'HTTP/1.1 103 Hints\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['a 200 behind a 101', 'HTTP/1.1 101 Switching\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['a 200 behind a 500', 'HTTP/1.1 500 Oops\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['a 200 behind a 999', 'HTTP/1.1 999 Oops\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['a 100 and no more', 'HTTP/1.1 100 Continue\r\n\r\n'],
])('never delivered: %s', async (_how, raw) => {
  const results = [...(await post([raw])), ...(await post(raw.split('')))];
  expect(results.filter(({ outcome }) => outcome === 'delivered')).toEqual([]);
});

describe('1,000 generated answers', () => {
  const junk = fc.array(
    fc.oneof(
      fc.constantFrom('\r\n', '\n', '\r', '\r\n\r\n', '\n\n', ' ', '\t', ':', ',', '\0', '\x1b', '\x7f', '\xff'),
      fc.constantFrom('Content-Length: 5', 'Content-Length: -1', 'Content-Length: 1e9', 'content-length : 3'),
      fc.constantFrom('Transfer-Encoding: chunked', 'Transfer-Encoding: gzip', 'Connection: upgrade', 'Upgrade: x'),
      fc.constantFrom('HTTP/1.1 500 Oops', 'HTTP/1.1 200 OK', 'HTTP/1.1 100 Continue', '5\r\nhello\r\n0', 'ffffffffff'),
      fc.string({ maxLength: 40 }),
      fc.integer({ min: 1, max: 20_000 }).map((length) => `X-A: ${'x'.repeat(length)}`),
      fc.integer({ min: 1, max: 600 }).map((lines) => 'a:\r\n'.repeat(lines)),
    ),
    { maxLength: 12 },
  );
  const rest = junk.map((parts) => parts.join(''));
  const digit = fc.integer({ min: 0, max: 9 });
  const goodLine = fc
    .tuple(
      digit,
      fc.integer({ min: 200, max: 299 }),
      fc.constantFrom('', ' ', ' OK', ' \x1b[1m'),
      fc.constantFrom('\r\n', '\n'),
    )
    .map(([minor, status, reason, end]) => `HTTP/1.${minor} ${status}${reason}${end}`);
  const informational = fc.constantFrom('', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 H\nno colon\n\n');
  const badLine = fc.oneof(
    fc
      .tuple(digit, fc.oneof(fc.integer({ min: 300, max: 999 }), fc.constantFrom(101, 0, 20, 2000)))
      .map(([minor, status]) => `HTTP/1.${minor} ${status} OK\r\n`),
    fc.constantFrom(
      'HTTP/2 200\r\n',
      'HTTP/1 200 OK\n',
      'ICY 200 OK\r\n',
      '\n',
      ' HTTP/1.1 200 OK\n',
      'HTTP/1.1 2xx\n',
    ),
    fc.string({ minLength: 1, maxLength: 20 }).map((text) => `x${text}\n`),
  );
  const cut = (raw: string, at: number): readonly string[] => [raw.slice(0, at), raw.slice(at)];
  const cutAt = fc.integer({ min: 0, max: 40 });

  const sampled = (arbitrary: fc.Arbitrary<readonly string[]>): ReadonlyArray<readonly string[]> =>
    fc.sample(arbitrary, { numRuns: 1_000, seed: 20_261_128 });

  async function postAll(all: ReadonlyArray<readonly string[]>): Promise<PostResult[]> {
    const results: PostResult[] = [];
    for (let from = 0; from < all.length; from += 50) results.push(...(await post(...all.slice(from, from + 50))));
    return results;
  }

  test('behind a complete 2xx line are delivered, with one POST each', async () => {
    const all = sampled(
      fc.tuple(informational, goodLine, rest, cutAt).map(([before, line, after, at]) => cut(before + line + after, at)),
    );
    const before = receiver.connections();
    const results = await postAll(all);
    expect(all.filter((_, index) => results[index]?.outcome !== 'delivered')).toEqual([]);
    expect(receiver.connections() - before).toBe(1_000);
  });

  test('behind anything else are never delivered', async () => {
    const all = sampled(
      fc.tuple(informational, badLine, rest, cutAt).map(([before, line, after, at]) => cut(before + line + after, at)),
    );
    const results = await postAll(all);
    expect(all.filter((_, index) => results[index]?.outcome === 'delivered')).toEqual([]);
  });

  test('that end inside the status line are never delivered', async () => {
    const all = sampled(
      fc
        .tuple(informational, goodLine, cutAt)
        .map(([before, line, at]) => cut(before + line.slice(0, -1).trimEnd(), at)),
    );
    const results = await postAll(all);
    expect(all.filter((_, index) => results[index]?.outcome === 'delivered')).toEqual([]);
  });
});

test('the parser gets the same bytes, and one clean informational answer for each that came', () => {
  const raw = 'HTTP/1.1 103 A\nX: y\n\nHTTP/1.1 102 B\r\n\r\nHTTP/1.1 200 OK\r\nX: \xff\r\n\r\nHTTP/1.1 500 No\r\n\r\n';
  const clean = 'HTTP/1.1 102 Processing\r\n\r\n';
  for (const size of [1, 2, 3, 13, 14, 15, 1_000]) {
    const line = readStatusLine();
    let passed = '';
    for (let from = 0; from < raw.length; from += size) {
      passed += line.take(Buffer.from(raw.slice(from, from + size), 'latin1')).toString('latin1');
    }
    expect(passed).toBe(clean + clean + raw.slice(raw.indexOf('HTTP/1.1 200')));
    expect(line.status).toBe(200);
  }
});
