/** Telling the host of a delivery: a port of its own, or a POST to its own URL. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { DeliveryEvents, NotifyEndpoint } from '../../activities/index.ts';
import { notificationBody, notifyUrlProblem } from '../../activities/notify-endpoint.ts';
import { createActivities } from '../../activities/index.ts';
import { verifyWebhook } from '../../receiver/index.ts';
import { aDeliveryEvent, aNotification, readyArtifacts, SECRET } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { aDelivery, asStored, runActivity } from '../support/run-activity.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const tell = (deliveryEvents: DeliveryEvents | NotifyEndpoint, input = aNotification()) =>
  runActivity(async (activities) => activities.notifyDelivery(input), { ports: { deliveryEvents } });

test('the port gets the event: who, where, what, how often, and until when', async () => {
  const told: unknown[] = [];
  const { failure, lines } = await tell({ notify: (event) => void told.push(event) });
  expect([failure, lines, told]).toEqual([undefined, [], [aDeliveryEvent()]]);
});

test.each([
  [
    'throws',
    () => {
      throw Object.assign(new Error('call +14155550199'), { code: 'pager_down' });
    },
    'pager_down',
  ],
  ['rejects', () => Promise.reject(new TypeError('at https://x.example/secret?token=1')), 'TypeError'],
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors
  ['rejects with no error', () => Promise.reject('+14155550199'), 'unknown_error'],
])('a port that %s is told again; history and log get its code, not its words', async (_what, notify, code) => {
  const { failure, lines } = await tell({ notify });
  expect(failure).toMatchObject({ type: 'HostNotNotified', nonRetryable: false, stack: '' });
  expect(failure?.message).toBe(
    `the host did not take delivery.failed of crm.example.com (${code}); told again until it does`,
  );
  expect(lines).toMatchObject([{ level: 'error', message: 'webhook.host_not_notified', error: code, attempt: 1 }]);
  expect(`${asStored(failure!)}${JSON.stringify(lines)}`).not.toMatch(/\+14155550199|secret\?|token/);
});

test.each([
  [5, 0],
  [6, 1],
  [300, 295],
])('of %i events that a port lets hang, %i come again later: their slots are for deliveries', async (count, later) => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const hanging = tellMany({ notify: () => held });
  const all = Array.from({ length: count }, () => hanging());
  const busy = await Promise.all(all.slice(5));
  expect(busy).toHaveLength(later);
  for (const failure of busy) {
    expect(failure).toMatchObject({ type: 'HostNotNotified' });
    expect(Number(failure?.nextRetryDelay)).toBeGreaterThanOrEqual(2_500);
    expect(Number(failure?.nextRetryDelay)).toBeLessThanOrEqual(7_500);
    expect(failure?.message).toContain('(busy)');
  }
  release();
  expect(await Promise.all(all.slice(0, 5))).toEqual(Array.from({ length: 5 }, () => undefined));
  expect(await hanging()).toBeUndefined();
});

/** Runs the activity of one worker again and again; each run resolves with its failure. */
function tellMany(deliveryEvents: DeliveryEvents) {
  const secrets = { forEndpoint: () => SECRET };
  const made = createActivities({ artifacts: { fetch: async () => readyArtifacts() }, secrets, deliveryEvents });
  return async (info = {}) => (await runActivity(async () => made.notifyDelivery(aNotification()), { info })).failure;
}

test.each([
  [1, 5_000],
  [2, 10_000],
  [3, 20_000],
  [6, 160_000],
  [7, 300_000],
  [5_000, 300_000],
])('at try %i an event that found no room waits for half to one and a half of %i ms, spread', async (attempt, ms) => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const hanging = tellMany({ notify: () => held });
  const first = Array.from({ length: 5 }, () => hanging());
  const busy = await Promise.all(Array.from({ length: 200 }, () => hanging({ attempt })));
  const waits = busy.map((failure) => Number(failure?.nextRetryDelay));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(ms * 0.5);
  expect(Math.max(...waits)).toBeLessThanOrEqual(ms * 1.5);
  // Half below, half above: one side alone has a chance of 2 to the power of -199.
  expect([waits.some((wait) => wait < ms), waits.some((wait) => wait > ms)]).toEqual([true, true]);
  release();
  await Promise.all(first);
});

test('waits after a refusal count the times that the host was told, not those that found no room', async () => {
  const ports = { deliveryEvents: { notify: () => Promise.reject(new Error('down')) } };
  let left: unknown;
  const waits: unknown[] = [];
  // 40 tries found no room before.
  for (let attempt = 41; attempt <= 48; attempt += 1) {
    const { failure } = await runActivity((activities) => activities.notifyDelivery(aNotification()), {
      ports,
      info: { attempt, heartbeatDetails: left },
      onHeartbeat: (_env, details) => (left = details),
    });
    waits.push(failure?.nextRetryDelay);
  }
  expect(waits).toEqual([1_000, 4_000, 16_000, 64_000, 256_000, 900_000, 900_000, 900_000]);
});

test('the port gets a signal, which aborts when the worker no longer waits', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  try {
    let signal: AbortSignal | undefined;
    const running = tell({
      notify: (_event, options) => {
        ({ signal } = options);
        return new Promise(() => {});
      },
    });
    await jest.advanceTimersByTimeAsync(19_999);
    expect(signal?.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect((await running).failure?.message).toContain('(time_limit)');
    expect(signal?.aborted).toBe(true);
  } finally {
    jest.useRealTimers();
  }
});

describe('without the port', () => {
  test('no report says a word of it, so no run asks for it', async () => {
    receiver.answer(200);
    const { value } = await runActivity((activities) => activities.deliverWebhook(aDelivery(receiver.url)));
    expect(value).toMatchObject({ attempt: { outcome: 'delivered' } });
    expect(value).not.toHaveProperty('notifies');
    const recorded = await runActivity((activities) => activities.recordDelivery({ attempts: [] } as never));
    expect(recorded).toMatchObject({ value: undefined, failure: undefined });
    receiver.answer(503);
    const { failure, signals } = await runActivity((activities) => activities.deliverWebhook(aDelivery(receiver.url)));
    expect(JSON.stringify([failure?.details, signals])).not.toContain('notifies');
  });
});

describe('another worker has the port', () => {
  const without = (attempt: number, heartbeatDetails?: unknown) =>
    runActivity((activities) => activities.notifyDelivery(aNotification()), { info: { attempt, heartbeatDetails } });

  test.each([
    [1, true],
    [9, true],
    [10, false],
    [11, false],
    [1_000, false],
  ])('at try %i the event is left to it: %p', async (attempt, isLeft) => {
    const { failure, lines } = await without(attempt);
    if (isLeft) expect(failure).toMatchObject({ type: 'HostNotNotified', nextRetryDelay: 60_000 });
    else expect(failure).toBeUndefined();
    expect(lines.map(({ message }) => message)).toEqual(isLeft ? [] : ['webhook.notification_given_up']);
  });

  test('an event that a worker with the port has tried is never given up', async () => {
    const left: unknown[] = [];
    const ports = { deliveryEvents: { notify: () => Promise.reject(new Error('down')) } };
    const onHeartbeat = (_env: unknown, details: unknown): void => void left.push(details);
    await runActivity((activities) => activities.notifyDelivery(aNotification()), { ports, onHeartbeat });
    expect(left).toEqual([{ told: 1 }]);
    for (const attempt of [10, 1_000]) {
      const { failure, lines } = await without(attempt, left[0]);
      expect([failure?.type, lines]).toEqual(['HostNotNotified', []]);
    }
  });
});

test('with the port every report says so: of a delivered attempt, of a failed one, and of a record', async () => {
  const ports = { deliveryEvents: { notify: () => {} } };
  const deliver = (...answers: number[]) => {
    receiver.answer(...answers);
    return runActivity((activities) => activities.deliverWebhook(aDelivery(receiver.url)), { ports });
  };
  expect((await deliver(200)).value).toMatchObject({ notifies: true });
  const { failure, signals } = await deliver(503);
  expect(failure?.details).toMatchObject([{ notifies: true }]);
  expect(signals).toMatchObject([{ name: 'attemptFailed', payload: { notifies: true } }]);
  const { value } = await runActivity((activities) => activities.recordDelivery({ attempts: [] } as never), { ports });
  expect(value).toEqual({ notifies: true });
});

describe('a URL of the host’s own', () => {
  test('gets one signed POST, which our own receiver side verifies', async () => {
    receiver.answer(204);
    const before = receiver.requests.length;
    const { failure } = await tell({ url: receiver.url, secretRef: 'ops' });
    expect(failure).toBeUndefined();
    const [request, ...more] = receiver.requests.slice(before);
    expect(more).toEqual([]);
    const verified = verifyWebhook(String(request?.body), request?.headers ?? {}, SECRET);
    expect(verified).toMatchObject({ ok: true, id: aDeliveryEvent().id, event: 'delivery.failed' });
    expect(request?.headers).toMatchObject({ 'x-topcalls-event': 'delivery.failed', 'x-topcalls-attempt': '1' });
    expect(JSON.parse(String(request?.body))).toEqual({
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek-1-0192f0c1-0000-7000-8000-000000000001-failed',
      at: '2026-01-31T23:21:00.100Z',
      call_id: 'call-1',
      campaign_id: 'camp_abc123',
      account_id: 'acct_1',
      workflow_id: 'call-webhook/call-1',
      run_id: '0192f0c1-0000-7000-8000-000000000001',
      cycle: 1,
      webhook_id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      endpoint_id: 'ep_abcdefghijkl',
      host: 'crm.example.com',
      state: 'failed',
      reason: 'http_503',
      attempts: 5,
      of: 5,
      started_at: '2026-01-31T23:20:00.000Z',
      webhook_event: 'call.completed',
      event: 'delivery.failed',
    });
  });

  test('without a secret gets it unsigned', async () => {
    receiver.answer(200);
    const before = receiver.requests.length;
    expect((await tell({ url: receiver.url })).failure).toBeUndefined();
    expect(Object.keys(receiver.requests[before]?.headers ?? {}).filter((name) => name.includes('signature'))).toEqual(
      [],
    );
  });

  test.each([
    ['another answer', [503], 'http_503', 'HTTP 503 from 127.0.0.1'],
    ['410, which ends no telling', [410], 'http_410', 'HTTP 410 from 127.0.0.1'],
    ['a redirect, which is not followed', [302], 'http_302', 'HTTP 302 from 127.0.0.1'],
  ])('%s is told again', async (_what, answers, code, words) => {
    receiver.answer(...answers);
    const { failure, lines } = await tell({ url: `${receiver.url}?token=hush`, secretRef: 'ops' });
    expect(failure).toMatchObject({ type: 'HostNotNotified', nonRetryable: false });
    expect(lines).toMatchObject([{ error: code, errorMessage: words }]);
    expect(`${asStored(failure!)}${JSON.stringify(lines)}`).not.toMatch(/hush|call-complete/);
  });

  test('is not reached unsigned while its secret is unknown or the store is down', async () => {
    const before = receiver.requests.length;
    const throws = () => {
      throw new Error('sealed');
    };
    for (const forEndpoint of [() => undefined, () => '', throws]) {
      const world = { ports: { deliveryEvents: { url: receiver.url, secretRef: 'ops' }, secrets: { forEndpoint } } };
      const { failure } = await runActivity(async (made) => made.notifyDelivery(aNotification()), world);
      expect(failure?.message).toMatch(/\((secret_unknown|secret_empty|secret_store_down)\)/);
    }
    expect(receiver.requests.length).toBe(before);
  });

  // The operator names it, so it may lie inside the network. Metadata services hand out credentials.
  test.each([
    ['https://ops.example.com/hook?token=1', undefined],
    ['http://alerts.internal:8080/', undefined],
    ['http://alerts/', undefined],
    ['http://localhost:3000/', undefined],
    ['http://10.1.2.3/hook', undefined],
    ['http://[fd12::1]/hook', undefined],
    ['http://[::1]:8080/', undefined],
    ['http://169.254.169.254/latest', 'address'],
    ['http://[fd00:ec2::254]/', 'address'],
    ['http://0xa9fea9fe/', 'address'],
    ['ftp://ops.example.com/', 'scheme'],
    ['https://me:hush@ops.example.com/', 'userinfo'],
    ['not a URL', 'url_chars'],
    ['', 'url_length'],
  ])('%j may be named: %p', (url, problem) => {
    expect(notifyUrlProblem(url)).toBe(problem);
    const make = () => createActivities({ artifacts: {} as never, secrets: {} as never, deliveryEvents: { url } });
    if (problem === undefined) expect(make).not.toThrow();
    else expect(make).toThrow(`option deliveryEvents.url is refused (${problem}); give an http(s) URL of yours`);
  });

  test('the body names every field in the words of webhook bodies, and `event` comes last', () => {
    const names = Object.keys(JSON.parse(notificationBody(aDeliveryEvent())) as object);
    expect(names.filter((name) => !/^[a-z_]+$/.test(name))).toEqual([]);
    expect(names.at(-1)).toBe('event');
  });
});
