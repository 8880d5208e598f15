/** One attempt at a receiver that behaves: what is sent, what is read from the answer, what is never sent. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_EGRESS_POLICY, LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import { httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';

const policy = parseEgressOptions(LOOPBACK_EGRESS);
const sender = createWebhookSender({ policy });

let receiver: HostileReceiver;
let answer = '';
beforeEach(async () => {
  answer = httpAnswer('200 OK');
  receiver = await startReceiver(async (socket, requestSeen) => {
    await requestSeen;
    socket.write(answer, 'latin1');
  });
});
afterEach(() => receiver.stop());

const post = (headers: Record<string, string> = {}) =>
  sender.post({ url: `http://127.0.0.1:${receiver.port}/hook?a=b#part`, headers, body: '{"name":"Zoë"}' });

test('the request on the wire: the given headers, Host, Content-Length, Connection: close, and the body as it stands', async () => {
  await post({ 'content-type': 'application/json', 'webhook-id': 'msg_1' });
  expect(receiver.received()).toBe(
    [
      'POST /hook?a=b HTTP/1.1',
      `host: 127.0.0.1:${receiver.port}`,
      'connection: close',
      'content-type: application/json',
      'webhook-id: msg_1',
      'content-length: 15',
      '',
      Buffer.from('{"name":"Zoë"}').toString('latin1'),
    ].join('\r\n'),
  );
});

test('a 2xx is delivered, with status, bytes and media type', async () => {
  answer = httpAnswer('201 Created', {
    headers: 'Content-Type: Application/JSON; charset=utf-8\r\n',
    body: '{"ok":1}',
  });
  expect(await post()).toEqual({
    outcome: 'delivered',
    code: 'http_201',
    status: 201,
    responseBytes: 8,
    contentType: 'application/json',
    durationMs: expect.any(Number),
  });
});

test('ten 103 answers and then a 200 are delivered', async () => {
  answer = 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(10) + httpAnswer('200 OK');
  expect(await post()).toMatchObject({ outcome: 'delivered' });
});

test("an escape character in the reason phrase, like all of the receiver's words, stays out of the result", async () => {
  answer = httpAnswer('503 \x1b[31mSECRET', { headers: 'X-A: SECRET\r\n', body: 'SECRET' });
  expect(await post()).toEqual({
    outcome: 'http',
    code: 'http_503',
    status: 503,
    responseBytes: 6,
    durationMs: expect.any(Number),
  });
});

test('the connection is closed after the answer even where the receiver would keep it', async () => {
  answer = httpAnswer('200 OK', { headers: 'Connection: keep-alive\r\nKeep-Alive: timeout=60\r\n' });
  await post();
  await receiver.allClosed();
  await post();
  expect(receiver.connections()).toBe(2);
});

describe('Retry-After', () => {
  test.each(['429 Too Many', '503 Down'])('of a %s is reported', async (statusLine) => {
    answer = httpAnswer(statusLine, { headers: 'Retry-After: 120\r\n' });
    expect(await post()).toMatchObject({ outcome: 'http', retryAfterMs: 120_000 });
  });

  test('of another status is not', async () => {
    answer = httpAnswer('500 Oops', { headers: 'Retry-After: 120\r\n' });
    expect(await post()).not.toHaveProperty('retryAfterMs');
  });
});

describe('a URL that our rules forbid is refused with no socket opened', () => {
  const strict = createWebhookSender({ policy: DEFAULT_EGRESS_POLICY });
  test.each([
    ['http', 'http://127.0.0.1:PORT/', 'scheme'],
    ['a literal address', 'https://127.0.0.1:PORT/', 'address'],
    ['a mapped address', 'https://[::ffff:127.0.0.1]:PORT/', 'address'],
    ['no URL at all', 'PORT', 'url_parse'],
    ['localhost', 'https://localhost:PORT/', 'host_single_label'],
  ])('%s', async (_title, url, code) => {
    const result = await strict.post({ url: url.replace('PORT', String(receiver.port)), headers: {}, body: '' });
    expect(result).toEqual({ outcome: 'refused', code, responseBytes: 0, durationMs: expect.any(Number) });
    expect(receiver.connections()).toBe(0);
  });
});

test('a header that cannot be sent is a result, not an exception', async () => {
  expect(await post({ 'x-bad': 'a\r\nb: c' })).toMatchObject({ outcome: 'network', code: 'request_invalid' });
});

test('attempts run side by side, each on its own connection', async () => {
  const results = await Promise.all(Array.from({ length: 20 }, () => post()));
  expect(results.every(({ outcome }) => outcome === 'delivered')).toBe(true);
  expect(receiver.connections()).toBe(20);
  await receiver.allClosed();
});
