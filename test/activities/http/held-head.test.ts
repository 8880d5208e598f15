/** A hint in an answer that undici refuses is read as in one that it takes. Every other head is only passed on. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holdHead } from '../../../activities/http/held-head.ts';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import type { PostResult } from '../../../activities/http/webhook-sender.ts';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';

const policy = parseEgressOptions(LOOPBACK_EGRESS);
const sender = createWebhookSender({ policy });

/** An answer in pieces. A packet each, where the receiver waits between them. */
type Answer = { readonly pieces: readonly string[]; readonly thenEnd?: boolean };

let answers: readonly Answer[] = [];
let receiver: HostileReceiver;
beforeAll(async () => {
  receiver = await startReceiver((socket) => {
    socket.setNoDelay();
    socket.once('data', (request: Buffer) => {
      const [, index = ''] = /^POST \/(\d+) /.exec(request.toString('latin1')) ?? [];
      const { pieces = [], thenEnd = true } = answers[Number(index)] ?? {};
      const next = (at: number): void => {
        const piece = pieces[at];
        if (piece === undefined) {
          if (thenEnd) socket.end();
        } else socket.write(piece, 'latin1', () => setImmediate(next, at + 1));
      };
      next(0);
    });
  });
});
afterAll(() => receiver.stop());

/** One POST for each answer, all side by side. */
function post(given: readonly Answer[], by = sender): Promise<PostResult[]> {
  answers = given;
  const url = `http://127.0.0.1:${receiver.port}`;
  return Promise.all(given.map((_, index) => by.post({ url: `${url}/${index}`, headers: {}, body: '{}' })));
}

/** What is kept of an answer, without its size: of a refused one no body is read. */
const kept = ({ code, retryAfterMs, contentType }: PostResult) => ({ code, retryAfterMs, contentType });

const HINTED = { code: 'http_503', retryAfterMs: 120_000, contentType: 'text/html' };
const FIELDS = 'Retry-After: 120\r\nContent-Type: Text/HTML; charset=utf-8\r\n';

describe('Retry-After and media type are read from a 503', () => {
  test.each([
    ['that is clean', `HTTP/1.1 503 Down\r\n${FIELDS}Content-Length: 2\r\n\r\n{}`],
    ['with LF line ends only', `HTTP/1.1 503 Down\r\n${FIELDS}Content-Length: 2\r\n\r\n{}`.replaceAll('\r', '')],
    ['with CR CR LF', `HTTP/1.1 503 Down\r\n${FIELDS}Content-Length: 2\r\n\r\n{}`.replaceAll('\r', '\r\r')],
    ['with a line without a colon first', `HTTP/1.1 503 Down\r\nWarning in line 3\r\n${FIELDS}\r\n`],
    ['with a line without a colon last', `HTTP/1.1 503 Down\r\n${FIELDS}Warning in line 3\r\n\r\n`],
    ['with two different lengths', `HTTP/1.1 503 Down\r\nContent-Length: 5\r\nContent-Length: 6\r\n${FIELDS}\r\n`],
    [
      'with a length beside chunked',
      `HTTP/1.1 503 Down\r\nTransfer-Encoding: chunked\r\nContent-Length: 11\r\n${FIELDS}\r\n0\r\n\r\n`,
    ],
    ['with a length that is no number', `HTTP/1.1 503 Down\r\nContent-Length: two\r\n${FIELDS}\r\n`],
    ['with another field folded', `HTTP/1.1 503 Down\r\nX-A: b\r\n c\r\n${FIELDS}\r\n`],
    ['with a field folded to a blank line', `HTTP/1.1 503 Down\r\nX-A: b\r\n \r\n${FIELDS}\r\n`],
    ['with a folded line first', `HTTP/1.1 503 Down\r\n Retry-After: 7\r\n${FIELDS}\r\n`],
    ['with the hint folded', 'HTTP/1.1 503 Down\r\nContent-Type: text/html\r\nRetry-After:\r\n\t120\r\n\r\n'],
    ['with spaces before the colon', `HTTP/1.1 503 Down\r\n${FIELDS.replaceAll(':', ' \t:')}\r\n`],
    ['with control bytes in another field', `HTTP/1.1 503 Down\r\nX-A: \0\x01\x1b\r\n${FIELDS}\r\n`],
    ['with control bytes in another name', `HTTP/1.1 503 Down\r\nX\0A: b\r\n${FIELDS}\r\n`],
    ['with control bytes in its reason', `HTTP/1.1 503 \0\x1b[31m\r\n${FIELDS}\r\n`],
    ['that says Upgrade', `HTTP/1.1 503 Down\r\nConnection: upgrade\r\nUpgrade: x\r\n${FIELDS}\r\n`],
    ['of HTTP/1.0 with LF', `HTTP/1.0 503 Down\r\n${FIELDS}\r\n`.replaceAll('\r', '')],
    ['of HTTP/1.7', `HTTP/1.7 503 Down\r\n${FIELDS}Content-Length: 0\r\n\r\n`],
    ['after 100 Continue, with LF', `HTTP/1.1 100 Continue\n\nHTTP/1.1 503 Down\n${FIELDS}\n`],
    ['after another hint in a 103', `HTTP/1.1 103 H\nRetry-After: 7\n\nHTTP/1.1 503 Down\n${FIELDS}\n`],
    [
      'with a folded line below a line without a colon',
      `HTTP/1.1 503 Down\nContent-Type: text/html\nRetry-After: 120\nno colon\n and more\n\n`,
    ],
    ['with the hint in its body, too', `HTTP/1.1 503 Down\n${FIELDS}\nRetry-After: 7\n\n`],
  ])('%s', async (_how, raw) => {
    const results = await post([
      { pieces: [raw], thenEnd: false },
      { pieces: raw.split(''), thenEnd: false },
    ]);
    expect(results.map(kept)).toEqual([HINTED, HINTED]);
  });

  test.each([
    ['behind its last line', `HTTP/1.1 503 Down\n${FIELDS}`],
    ['inside of a line', `HTTP/1.1 503 Down\n${FIELDS}Retry-After: 7`],
  ])('that the receiver ends %s', async (_where, raw) => {
    const results = await post([{ pieces: [raw] }, { pieces: raw.split('') }]);
    expect(results.map(kept)).toEqual([HINTED, HINTED]);
  });
});

describe('no hint is read from a 503', () => {
  test.each([
    ['that repeats it', 'HTTP/1.1 503 Down\nRetry-After: 120\nRetry-After: 120\n\n'],
    ['that repeats it in another case', 'HTTP/1.1 503 Down\nRetry-After: 120\nretry-after : 7\n\n'],
    ['with a NUL in the value', 'HTTP/1.1 503 Down\nRetry-After: 12\x000\n\n'],
    ['with a NUL behind the value', 'HTTP/1.1 503 Down\nRetry-After: 120\0\n\n'],
    ['with a NUL in the name', 'HTTP/1.1 503 Down\nRetry\0-After: 120\n\n'],
    ['with a CR in the value', 'HTTP/1.1 503 Down\nRetry-After: 1\r20\n\n'],
    ['with a value in two lines', 'HTTP/1.1 503 Down\nRetry-After: 1\n 20\n\n'],
    ['with the value below a line without a colon', 'HTTP/1.1 503 Down\nRetry-After\n : 120\n\n'],
    ['with a name that goes on', 'HTTP/1.1 503 Down\nRetry-After-2: 120\n\n'],
    ['that has it in its body', 'HTTP/1.1 503 Down\nno colon\n\nRetry-After: 120\n\n'],
    ['that has it in a 103', 'HTTP/1.1 103 Hints\nRetry-After: 120\n\nHTTP/1.1 503 Down\nno colon\n\n'],
    ['that ends inside of its line', 'HTTP/1.1 503 Down\nRetry-After: 120'],
    ['with 16,385 bytes of fields', `HTTP/1.1 503 Down\nRetry-After: 120\nX-A: ${'x'.repeat(16_368)}\n\n`],
    ['with 90 KB of fields', `HTTP/1.1 503 Down\nRetry-After: 120\n${`X-A: ${'x'.repeat(990)}\n`.repeat(90)}\n`],
    ['with 513 lines', `HTTP/1.1 503 Down\nRetry-After: 120\n${'a:\n'.repeat(510)}\n`],
  ])('%s', async (_how, raw) => {
    const results = await post([{ pieces: [raw] }, { pieces: [...raw.slice(0, 100).split(''), raw.slice(100)] }]);
    const without = { code: 'http_503', retryAfterMs: undefined, contentType: undefined };
    expect(results.map(kept)).toEqual([without, without]);
  });

  test('whose head has no end when the time is over', async () => {
    const hasty = createWebhookSender({ policy, phases: { headersMs: 300 } });
    const results = await post([{ pieces: ['HTTP/1.1 503 Down\n', FIELDS], thenEnd: false }], hasty);
    expect(results.map(kept)).toEqual([{ code: 'http_503' }]);
  });
});

test.each([
  ['16,384 bytes of fields', `Retry-After: 120\nX-A: ${'x'.repeat(16_367)}\n`],
  ['512 lines', `Retry-After: 120\n${'a:\n'.repeat(509)}`],
])('a hint is still read with %s', async (_how, fields) => {
  const lines = `HTTP/1.1 503 Down\n${fields}\n`;
  const results = await post([{ pieces: [lines] }, { pieces: [lines.replaceAll('\n', '\r\n')] }]);
  expect(results.map(({ retryAfterMs }) => retryAfterMs)).toEqual([120_000, 120_000]);
});

test('a hint of another status is not read, and a media type is', async () => {
  const results = await post([
    { pieces: [`HTTP/1.1 500 Oops\n${FIELDS}\n`] },
    { pieces: [`HTTP/1.1 200 OK\n${FIELDS}\n`] },
  ]);
  expect(results.map(kept)).toEqual([
    { code: 'http_500', contentType: 'text/html' },
    { code: 'http_200', contentType: 'text/html' },
  ]);
});

describe('generated answers', () => {
  const hints = ['120', ' 7 ', '0', '-1', '1.5', 'soon', '', '99999999999', 'Fri, 01 Jan 2100 00:00:00 GMT'];
  const types = ['text/html', 'Application/JSON; a=b', 'text', 'text/<b>', ''];
  const field = fc.oneof(
    fc.tuple(fc.constantFrom('Retry-After', 'retry-after', 'RETRY-AFTER'), fc.constantFrom(...hints)),
    fc.tuple(fc.constantFrom('Content-Type', 'content-type'), fc.constantFrom(...types)),
    fc.tuple(fc.constantFrom('X-A', 'Server', 'Date', '__proto__', 'Retry'), fc.stringMatching(/^[a-z0-9:, ]{0,30}$/)),
  );
  const clean = fc.record({
    status: fc.constantFrom(200, 404, 429, 503),
    fields: fc.array(field, { maxLength: 6 }),
  });
  /** Ways to make an answer one that undici refuses, which change none of its fields. */
  const SLOPPY: ReadonlyArray<(lines: readonly string[]) => string> = [
    (lines) => [...lines, '', ''].join('\n'),
    (lines) => [...lines, '', ''].join('\r\r\n'),
    ([status = '', ...fields]) => [status, 'no colon', ...fields, '', ''].join('\r\n'),
    ([status = '', ...fields]) => [status, ...fields, 'no colon', '', ''].join('\r\n'),
    ([status = '', ...fields]) => [status, 'Content-Length: 1', 'Content-Length: 2', ...fields, '', ''].join('\r\n'),
    ([status = '', ...fields]) => [status, 'X-B: \0', ...fields, '', ''].join('\r\n'),
    ([status = '', ...fields]) => [status, ...fields.map((line) => line.replace(':', ' :')), '', ''].join('\r\n'),
    ([status = '', ...fields]) => [status, ...fields.map((line) => line.replace(':', ':\r\n ')), '', ''].join('\r\n'),
  ];

  test('that undici refuses are read like those that it takes', async () => {
    const cases = fc.sample(fc.tuple(clean, fc.nat(SLOPPY.length - 1), fc.nat(120)), {
      numRuns: 800,
      seed: 20_261_129,
    });
    for (let from = 0; from < cases.length; from += 40) {
      const some = cases.slice(from, from + 40).map(([{ status, fields }, how, cut]) => {
        const lines = [`HTTP/1.1 ${status} A`, ...fields.map(([name, value]) => `${name}: ${value}`)];
        const sloppy = SLOPPY[how]?.(lines) ?? '';
        return { clean: [...lines, '', ''].join('\r\n'), sloppy: [sloppy.slice(0, cut), sloppy.slice(cut)] };
      });
      const taken = await post(some.map((answer) => ({ pieces: [answer.clean] })));
      const refused = await post(some.map((answer) => ({ pieces: answer.sloppy })));
      // A date is so far from the clock that read it.
      const rounded = (result: PostResult) => ({
        ...kept(result),
        retryAfterMs: result.retryAfterMs && Math.round(result.retryAfterMs / 3_600_000_000),
      });
      expect(refused.map(rounded)).toEqual(taken.map(rounded));
    }
  });

  test('come out of the head as they went in, all that is before its end at once', () => {
    const text = fc.array(fc.constantFrom('\r\n', '\n', '\r', 'a', ':', ' ', '\0', 'Retry-After: 1'), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (parts, sizes) => {
        const raw = `HTTP/1.1 503 Down\n${parts.join('')}\n\n`;
        const head = holdHead();
        const passed: string[] = [];
        for (let from = 0, turn = 0; from < raw.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          const out = head.take(Buffer.from(raw.slice(from, from + size), 'latin1'));
          if (out.length > 0) passed.push(out.toString('latin1'));
          from += size;
        }
        expect(passed.join('')).toBe(raw);
        expect(passed[0]).toMatch(/\n\r*\n/);
      }),
    );
  });
});
