/** One attempt for each class of answer: what Temporal is told, what the words say, and what is never said. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest, test } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startReceiver, type Answer, type Receiver } from '../support/receiver.ts';
import { aDelivery, asStored, OWN_RUN, runActivity, type ActivityWorld } from '../support/run-activity.ts';
import { stopClock } from '../support/stopped-clock.ts';
import type { AttemptReport, DeliverInput } from '../../contract/run-messages.ts';
import { SECRET } from '../support/builders.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterEach(() => void jest.useRealTimers());
afterAll(() => receiver.close());

/** Makes one attempt at the receiver, which gives this answer. */
async function attempt(answer: Answer, change: Partial<DeliverInput> = {}, world: ActivityWorld = {}) {
  receiver.answer(answer);
  const before = receiver.requests.length;
  const run = await runActivity((own) => own.deliverWebhook(aDelivery(receiver.url, change)), world);
  return { ...run, posts: receiver.requests.slice(before) };
}

const withHeader =
  (status: number, name: string, value: string): Answer =>
  (response) =>
    response.writeHead(status, { [name]: value }).end('{"error":"+14155551234"}');

describe('a 2xx', () => {
  it.each([200, 201, 202, 204, 299])('%p is delivered by one POST', async (status) => {
    const { value, failure, posts, signals } = await attempt(status);
    expect(failure).toBeUndefined();
    expect(posts).toHaveLength(1);
    expect(signals).toEqual([]);
    expect(value).toEqual({
      endpointId: 'ep_abcdefghijkl',
      attempt: {
        number: 1,
        trigger: 'schedule',
        startedAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/),
        durationMs: expect.any(Number),
        outcome: 'delivered',
        status,
        code: `http_${status}`,
      },
      bodyBytes: 75,
      bodySha256: '3f69cde09c5a3a44663676a667f0d202b0107e9af58590da4c8444e8a98066a0',
      recorded: true,
    });
  });

  it('whose body breaks off is delivered all the same', async () => {
    const { value } = await attempt((response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{"rec');
      setImmediate(() => response.destroy());
    });
    expect(value?.attempt).toMatchObject({ outcome: 'delivered', status: 200 });
  });
});

describe('a failed attempt goes on with the ladder', () => {
  it.each([
    [300, 'http_300'],
    [302, 'http_302'],
    [400, 'http_400'],
    [401, 'http_401'],
    [404, 'http_404'],
    [413, 'http_413'],
    [429, 'http_429'],
    [500, 'http_500'],
    [503, 'http_503'],
  ])('HTTP %p', async (status, code) => {
    const { failure, posts } = await attempt(withHeader(status, 'Location', receiver.url));
    expect(posts).toHaveLength(1);
    expect(failure).toMatchObject({ type: 'WebhookAttemptFailed', nonRetryable: false, nextRetryDelay: 60_000 });
    expect(failure?.message).toMatch(
      new RegExp(
        `^attempt 1 of 5: HTTP ${status} from 127\\.0\\.0\\.1 in \\d+ ms; next attempt at \\d\\d:\\d\\d:\\d\\dZ$`,
      ),
    );
    expect(failure?.details?.[0]).toMatchObject({
      endpointId: 'ep_abcdefghijkl',
      attempt: { number: 1, outcome: 'http', status, code },
      nextDelayMs: 60_000,
    });
  });

  it.each([
    ['a connection that is cut', (socket: Socket) => socket.destroy(), 'connection_closed'],
    ['an answer that is no HTTP', (socket: Socket) => socket.end('220 smtp.example.com ESMTP\r\n'), 'protocol_error'],
    ['an answer without an end', (socket: Socket) => socket.end('HTTP/1.1 200'), 'connection_closed'],
  ])('%s', async (_what, speak, code) => {
    const server = await rawServer(speak);
    try {
      const { failure } = await runActivity((own) => own.deliverWebhook(aDelivery(urlOf(server))));
      expect(failure).toMatchObject({ type: 'WebhookAttemptFailed', nonRetryable: false, nextRetryDelay: 60_000 });
      expect(failure?.message).toMatch(new RegExp(`^attempt 1 of 5: ${code} from 127\\.0\\.0\\.1 in \\d+ ms; next`));
      expect(failure?.details?.[0]).toMatchObject({ attempt: { outcome: 'network', code } });
    } finally {
      server.close();
    }
  });

  it('a port where nobody listens', async () => {
    const server = await rawServer(() => undefined);
    const url = urlOf(server);
    await new Promise((resolve) => server.close(resolve));
    const { failure } = await runActivity((own) => own.deliverWebhook(aDelivery(url)));
    expect(failure?.message).toContain('connect_refused from 127.0.0.1');
    expect(failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 60_000 });
  });

  it('a receiver that speaks no TLS', async () => {
    const url = receiver.url.replace('http:', 'https:');
    const { failure } = await runActivity((own) => own.deliverWebhook(aDelivery(url)));
    expect(failure?.details?.[0]).toMatchObject({ attempt: { outcome: 'network', code: 'tls_failed' } });
  });
});

describe('the wait that Temporal is told', () => {
  it.each([
    [1, 60_000],
    [2, 300_000],
    [3, 900_000],
    [4, 3_600_000],
  ])('after attempt %p is %p ms', async (number, wait) => {
    const { failure } = await attempt(503, {}, { info: { attempt: number } });
    expect(failure?.nextRetryDelay).toBe(wait);
    expect(failure?.message.startsWith(`attempt ${number} of 5: `)).toBe(true);
  });

  it('is none after the last: no attempt is left', async () => {
    const { failure, signals } = await attempt(503, {}, { info: { attempt: 5 } });
    expect(failure?.nextRetryDelay).toBeUndefined();
    expect(failure?.message).toMatch(/^attempt 5 of 5: HTTP 503 from 127\.0\.0\.1 in \d+ ms; no attempt is left$/);
    expect(failure?.details?.[0]).not.toHaveProperty('nextDelayMs');
    expect(signals).toEqual([]);
  });

  it('counts the attempts an earlier activity made', async () => {
    const { failure } = await attempt(503, { attemptsMade: 2 }, { info: { attempt: 2 } });
    expect(failure?.message.startsWith('attempt 4 of 5: ')).toBe(true);
    expect(failure?.nextRetryDelay).toBe(3_600_000);
  });

  it('is the ladder’s own in a ladder of another shape', async () => {
    const { failure } = await attempt(503, { retryDelaysMs: [7_000] });
    expect(failure?.message.startsWith('attempt 1 of 2: ')).toBe(true);
    expect(failure?.nextRetryDelay).toBe(7_000);
  });

  it.each([
    [503, '120', 120_000],
    [429, '120', 120_000],
    [503, '5', 60_000],
    [503, '86400', 3_600_000],
    [503, 'soon', 60_000],
    [500, '120', 60_000],
  ])('follows Retry-After on %p: %j gives %p ms', async (status, value, wait) => {
    const { failure } = await attempt(withHeader(status, 'Retry-After', value));
    expect(failure?.nextRetryDelay).toBe(wait);
  });

  it('is also the time the words and the report announce', async () => {
    stopClock('2025-12-22T10:32:36.000Z');
    const { failure, signals } = await attempt(503);
    const nextAttemptAt = announcedIn(failure);
    expect(nextAttemptAt).toBe('2025-12-22T10:33:36.000Z');
    expect(failure?.message).toContain('next attempt at 10:33:36Z');
    expect(signals[0]?.payload).toMatchObject({ attempt: { nextAttemptAt } });
  });

  it('is announced from the end of the attempt, a slow secret store included', async () => {
    stopClock('2025-12-22T10:32:36.000Z');
    const secrets = {
      forEndpoint: async () => {
        jest.advanceTimersByTime(4_000);
        return { current: SECRET };
      },
    };
    const { failure } = await attempt(503, {}, { ports: { secrets } });
    expect(announcedIn(failure)).toBe('2025-12-22T10:33:40.000Z');
  });
});

describe('what ends a delivery at once', () => {
  it('410: the receiver removed this URL', async () => {
    const { failure, posts, signals } = await attempt(410);
    expect(posts).toHaveLength(1);
    expect(failure).toMatchObject({ type: 'EndpointGone', nonRetryable: true });
    expect(failure?.nextRetryDelay).toBeUndefined();
    expect(failure?.message).toMatch(
      /^attempt 1 of 5: HTTP 410 from 127\.0\.0\.1 in \d+ ms; not retried: the receiver removed this URL$/,
    );
    expect(signals).toEqual([]);
  });

  it.each([
    ['a private address', 'https://10.0.0.1/hook', 'address'],
    ['loopback, unless it is allowed', 'https://127.0.0.1/hook', 'address'],
    ['http, unless it is allowed', 'http://your-app.com/hook', 'scheme'],
    ['a URL that is none', 'your-app.com/hook', 'url_parse'],
    ['an empty URL', '', 'url_length'],
    ['credentials in the URL', 'https://user:hush@your-app.com/', 'userinfo'],
  ])('%s', async (_what, url, code) => {
    const { failure, lines } = await runActivity((own) => own.deliverWebhook(aDelivery(url)), {
      ports: { egress: {} },
    });
    expect(failure).toMatchObject({ type: 'DeliveryRefused', nonRetryable: true });
    expect(failure?.message).toContain(`attempt 1 of 5: ${code} from `);
    expect(failure?.message).toContain('not retried: our own rules forbid it, see docs/errors.md');
    expect(failure?.details?.[0]).toMatchObject({ attempt: { outcome: 'refused', code } });
    expect(lines.find(({ message }) => message === 'webhook.attempted')).toMatchObject({ level: 'error', code });
  });
});

describe('a failed attempt tells its own run', () => {
  it('with the report that also stands in the failure', async () => {
    const { failure, signals } = await attempt(503);
    expect(signals).toEqual([
      { name: 'attemptFailed', workflowId: OWN_RUN.workflowId, payload: failure?.details?.[0] },
    ]);
  });

  it('as best it can: where the signal does not arrive the attempt still ends as it did', async () => {
    const down = Object.assign(new Error('to password@temporal'), { code: 'UNAVAILABLE' });
    const { failure, lines } = await attempt(503, {}, { onSignal: async () => Promise.reject(down) });
    expect(failure).toMatchObject({ type: 'WebhookAttemptFailed', nextRetryDelay: 60_000 });
    const line = lines.find(({ message }) => message === 'webhook.attempt_not_reported');
    expect(line).toMatchObject({ level: 'warn', attempt: 1, error: 'UNAVAILABLE' });
    expect(JSON.stringify(lines)).not.toContain('password');
  });
});

describe('every failure', () => {
  const hush = 'hush-token';
  const path = `/webhooks/call-complete?token=${hush}`;

  it.each([200, 302, 410, 429, 503])(
    'and every log line of HTTP %p keeps URL, secret and phone number to itself',
    async (status) => {
      const url = `${new URL(receiver.url).origin}${path}`;
      receiver.answer(withHeader(status, 'Retry-After', '120'));
      const { failure, lines } = await runActivity((own) => own.deliverWebhook(aDelivery(url)));
      expect(lines.length).toBeGreaterThan(0);
      const said = JSON.stringify(lines) + (failure === undefined ? '' : asStored(failure));
      for (const secret of [hush, '/webhooks', '+1415', '4155551234', SECRET, 'MfKQ9r8', 'call_id":"']) {
        expect(said).not.toContain(secret);
      }
    },
  );

  it('and every log line of a refused URL keeps its parts to itself', async () => {
    const url = 'https://user:hush-password@10.0.0.1/secret-path?token=hush-token';
    const { failure, lines } = await runActivity((own) => own.deliverWebhook(aDelivery(url)));
    const said = `${JSON.stringify(lines)}${failure === undefined ? '' : asStored(failure)}`;
    for (const secret of ['hush', 'secret-path', 'user:']) expect(said).not.toContain(secret);
  });

  it('stays below 2 KiB, stack blanked, even with the longest host and waits', async () => {
    const host = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
    const endpoint = { ...aDelivery(receiver.url).endpoint, host };
    const { failure } = await attempt(503, { endpoint, retryDelaysMs: Array.from({ length: 10 }, () => 86_400_000) });
    expect(failure?.stack).toBe('');
    expect(failure?.cause).toBeUndefined();
    const stored = failure === undefined ? '' : asStored(failure);
    expect(stored).toContain('"stackTrace":""');
    expect(Buffer.byteLength(stored)).toBeLessThan(2_048);
    expect(Buffer.byteLength(JSON.stringify(failure?.details))).toBeLessThan(2_048);
  });

  it('is benign to the SDK: a receiver that is down is no error of this worker', async () => {
    const { failure } = await attempt(503);
    expect(failure?.category).toBe('BENIGN');
  });
});

describe('the log line of an attempt', () => {
  it('is one, wide, with ids, host and numbers', async () => {
    const { lines } = await attempt(503, { attemptsMade: 1, trigger: 'retry_now' });
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'webhook.attempted',
        ...OWN_RUN,
        activityId: 'test',
        event: 'call.completed',
        callId: 'call-1',
        campaignId: 'camp_abc123',
        webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        endpointId: 'ep_abcdefghijkl',
        host: '127.0.0.1',
        attempt: 2,
        of: 5,
        trigger: 'retry_now',
        verdict: 'retry',
        code: 'http_503',
        status: 503,
        durationMs: expect.any(Number),
        bodyBytes: 75,
        nextDelayMs: 300_000,
      },
    ]);
  });

  it('is joined by one that says what the client repaired, once', async () => {
    const repairs = [{ field: 'created_at', problem: 'an integer: read as unix seconds' }];
    const first = await attempt(503, { repairs });
    expect(first.lines[0]).toMatchObject({
      level: 'warn',
      message: 'webhook.repaired',
      repairs: ['created_at: an integer: read as unix seconds'],
    });
    expect(first.lines.map(({ message }) => message)).toEqual(['webhook.repaired', 'webhook.attempted']);
    const second = await attempt(503, { repairs }, { info: { attempt: 2 } });
    expect(second.lines.map(({ message }) => message)).toEqual(['webhook.attempted']);
  });

  it.each([['text'], [[null, 5, { field: 1, problem: 'x' }]], [[]], [{}]])(
    'is alone where a raw start has %j for repairs',
    async (repairs) => {
      const { lines } = await attempt(503, { repairs: repairs as never });
      expect(lines.map(({ message }) => message)).toEqual(['webhook.attempted']);
    },
  );

  it('is joined by a warning where the body is over 96 KiB, once', async () => {
    const body = JSON.stringify({ transcript: 'x'.repeat(98_304) });
    const first = await attempt(503, { body });
    expect(first.lines.map(({ message }) => message)).toEqual(['webhook.large_body', 'webhook.attempted']);
    const second = await attempt(503, { body }, { info: { attempt: 2 } });
    expect(second.lines.map(({ message }) => message)).toEqual(['webhook.attempted']);
  });
});

test('without a logger of the host’s, the SDK’s own takes the lines, with the ids of the run', async () => {
  const { lines, sdkLines } = await attempt(503, {}, { hostLogger: false });
  expect(lines).toEqual([]);
  expect(sdkLines.find(({ message }) => message === 'webhook.attempted')).toMatchObject({
    level: 'info',
    workflowId: OWN_RUN.workflowId,
    endpointId: 'ep_abcdefghijkl',
    code: 'http_503',
  });
});

test('a host’s logger that throws costs neither the delivery nor a second POST', async () => {
  const broken = (): never => {
    throw new Error('disk full');
  };
  const logger = { info: broken, warn: broken, error: broken };
  const delivered = await attempt(200, {}, { ports: { logger } });
  expect(delivered.value?.attempt.outcome).toBe('delivered');
  expect(delivered.sdkLines).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      message: 'webhook.logger_threw',
      line: 'webhook.attempted',
      error: 'Error',
    }),
  );
  const failed = await attempt(503, {}, { ports: { logger } });
  expect(failed.failure).toMatchObject({ type: 'WebhookAttemptFailed', nextRetryDelay: 60_000 });
});

test('the trigger of an activity’s first attempt is its own, of later ones the schedule’s', async () => {
  const first = await attempt(503, { trigger: 'redelivery' });
  expect(first.failure?.details?.[0]).toMatchObject({ attempt: { trigger: 'redelivery' } });
  const second = await attempt(503, { trigger: 'redelivery' }, { info: { attempt: 2 } });
  expect(second.failure?.details?.[0]).toMatchObject({ attempt: { trigger: 'schedule' } });
});

test('an attempt never starts before the server scheduled it, whatever the worker’s clock says', async () => {
  const scheduled = Date.now() + 3_600_000;
  const { value } = await attempt(200, {}, { info: { currentAttemptScheduledTimestampMs: scheduled } });
  expect(value?.attempt.startedAt).toBe(new Date(scheduled).toISOString());
});

/** The time at which the next attempt comes, as the failure's report announces it. */
function announcedIn(failure: ApplicationFailure | undefined): string {
  const report = failure?.details?.[0] as AttemptReport | undefined;
  return report?.attempt.nextAttemptAt ?? '';
}

async function rawServer(speak: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => speak(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/call-complete`;
}
