/** Final states in the delivery log: recorded at once after a 2xx, by an activity of its own otherwise. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest, test } from '@jest/globals';
import type { DeliveryLog } from '../../activities/index.ts';
import { deliveryRecordSchema, type DeliveryRecord } from '../../contract/index.ts';
import type { DeliverInput } from '../../contract/run-messages.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { aDelivery, asStored, OWN_RUN, runActivity, type ActivityWorld } from '../support/run-activity.ts';
import { endsAfter, stopClock } from '../support/stopped-clock.ts';

const hush = 'postgres://admin:hush@db/log';
const down = Object.assign(new Error(hush), { code: 'ECONNREFUSED' });

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterEach(() => void jest.useRealTimers());
afterAll(() => receiver.close());

/** A hand-made log that keeps what it is given. */
function aLog(record: (record: DeliveryRecord) => Promise<void> = async () => undefined) {
  const records: DeliveryRecord[] = [];
  const log: DeliveryLog = {
    record: (each) => {
      records.push(each);
      return record(each);
    },
  };
  return { log, records };
}

async function deliver(
  log: DeliveryLog | undefined,
  status = 200,
  change: Partial<DeliverInput> = {},
  info: ActivityWorld['info'] = {},
) {
  receiver.answer(status);
  const before = receiver.requests.length;
  const ports = log === undefined ? {} : { log };
  const run = await runActivity((own) => own.deliverWebhook(aDelivery(receiver.url, change)), {
    ports,
    info,
  });
  return { ...run, posts: receiver.requests.slice(before) };
}

describe('a delivery by the first attempt', () => {
  it('is recorded at once, with ids, times, size and hash, and nothing personal', async () => {
    const { log, records } = aLog();
    const { value } = await deliver(log);
    expect(value?.recorded).toBe(true);
    expect(records).toEqual([
      {
        ...OWN_RUN,
        event: 'call.completed',
        callId: 'call-1',
        campaignId: 'camp_abc123',
        accountId: 'acc_1',
        cycle: 1,
        webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        endpointId: 'ep_abcdefghijkl',
        host: '127.0.0.1',
        state: 'delivered',
        attempts: [value?.attempt],
        bodyBytes: 75,
        bodySha256: '3f69cde09c5a3a44663676a667f0d202b0107e9af58590da4c8444e8a98066a0',
        startedAt: '2025-12-22T10:32:36.000Z',
        promisedAt: '2025-12-22T10:32:51.000Z',
        endedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    ]);
    expect(deliveryRecordSchema.parse(records[0])).toEqual(records[0]);
    expect(JSON.stringify(records)).not.toMatch(/4155551234|webhooks\/call-complete|whsec/);
  });

  it('counts as recorded where the host keeps no log', async () => {
    const { value } = await deliver(undefined);
    expect(value?.recorded).toBe(true);
  });

  it.each([
    ['throws', () => Promise.reject(down), 'ECONNREFUSED'],
    [
      'throws at once',
      () => {
        throw new TypeError(hush);
      },
      'TypeError',
    ],
  ])(
    'is delivered although the log %s: recordDelivery tells it later, no second POST',
    async (_what, record, error) => {
      const { log, records } = aLog(record);
      const { value, failure, posts, lines } = await deliver(log);
      expect(failure).toBeUndefined();
      expect(value).toMatchObject({ recorded: false, attempt: { outcome: 'delivered' } });
      expect(posts).toHaveLength(1);
      expect(records).toHaveLength(1);
      expect(lines.at(-1)).toMatchObject({ level: 'warn', message: 'webhook.record_postponed', error });
      expect(JSON.stringify(lines)).not.toContain('hush');
    },
  );

  it('waits 2 seconds for a log that hangs, then leaves it to recordDelivery', async () => {
    stopClock();
    let tell: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (tell = resolve));
    const { log } = aLog(() => {
      tell();
      return new Promise(() => undefined);
    });
    const hanging = deliver(log);
    await isAsked;
    const { value, posts, lines } = await endsAfter(2_000, hanging);
    expect(value?.recorded).toBe(false);
    expect(posts).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ message: 'webhook.record_postponed', error: 'time_limit' });
  });
});

test('a delivery by a later attempt is not recorded here: only the workflow knows the attempts before it', async () => {
  const { log, records } = aLog();
  expect((await deliver(log, 200, {}, { attempt: 2 })).value?.recorded).toBe(false);
  expect((await deliver(log, 200, { attemptsMade: 1 })).value?.recorded).toBe(false);
  expect(records).toEqual([]);
});

test.each([503, 410])(
  'a failed attempt (HTTP %p) records nothing: it is no final state yet, or the workflow tells it',
  async (status) => {
    const { log, records } = aLog();
    await deliver(log, status);
    expect(records).toEqual([]);
  },
);

describe('recordDelivery', () => {
  const record: DeliveryRecord = {
    ...OWN_RUN,
    webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    cycle: 2,
    endpointId: 'ep_abcdefghijkl',
    host: 'your-app.com',
    event: 'call.completed',
    callId: 'call-1',
    state: 'failed',
    reason: 'http_503',
    attempts: [],
    startedAt: '2025-12-22T10:32:36.000Z',
    endedAt: '2025-12-22T11:54:00.000Z',
  };
  const tell = (log?: DeliveryLog) =>
    runActivity((own) => own.recordDelivery(record), { ports: log === undefined ? {} : { log } });

  it('hands the record to the log as it is, and says how the delivery ended', async () => {
    const { log, records } = aLog();
    const { lines } = await tell(log);
    expect(records).toEqual([record]);
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'webhook.ended',
        ...OWN_RUN,
        activityId: 'test',
        webhookId: record.webhookId,
        endpointId: record.endpointId,
        state: 'failed',
        reason: 'http_503',
        attempts: 0,
      },
    ]);
  });

  it('is done where the host keeps no log', async () => {
    const { failure, lines } = await tell();
    expect(failure).toBeUndefined();
    expect(lines.map(({ message }) => message)).toEqual(['webhook.ended']);
  });

  it('fails as DeliveryLogUnavailable, retried without limit, where the log is down', async () => {
    const { failure, lines } = await tell(aLog(() => Promise.reject(down)).log);
    expect(failure).toMatchObject({ type: 'DeliveryLogUnavailable', nonRetryable: false, stack: '' });
    expect(failure?.message).toBe('the delivery log did not take the record (ECONNREFUSED); tried again until it does');
    expect(lines).toMatchObject([{ level: 'error', message: 'webhook.not_recorded', error: 'ECONNREFUSED' }]);
    expect(JSON.stringify(lines) + (failure === undefined ? '' : asStored(failure))).not.toContain('hush');
  });

  it('gives the log no text that databases refuse, and says which fields were changed', async () => {
    const { log, records } = aLog();
    const odd = { ...record, reason: 'http_\u0000503', host: 'your-app\udc00.com' };
    const { lines } = await runActivity((own) => own.recordDelivery(odd), { ports: { log } });
    expect(records).toEqual([
      { ...record, reason: 'http_\ufffd503', host: 'your-app\ufffd.com', repaired: ['host', 'reason'] },
    ]);
    expect(lines[0]).toMatchObject({
      level: 'warn',
      message: 'webhook.record_repaired',
      fields: ['host', 'reason'],
      webhookId: record.webhookId,
    });
  });

  it('lets the run close where the log can never store this record, and says so at error level', async () => {
    const refusal = Object.assign(new Error(hush), { code: 'postgres_failed', refused: true });
    const { failure, lines } = await tell(aLog(() => Promise.reject(refusal)).log);
    expect(failure).toBeUndefined();
    expect(lines).toMatchObject([
      { level: 'error', message: 'webhook.record_refused', error: 'postgres_failed', fix: expect.any(String) },
      { level: 'info', message: 'webhook.ended', state: 'failed' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('hush');
  });
});
