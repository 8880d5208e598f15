/** The server's time, where this machine's clock is off; and attempts that must not be sent any more. */
import { expect, it, test } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { verifyWebhook } from '../../receiver/index.ts';
import { SECRET } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { aDelivery, runActivity, type ActivityWorld } from '../support/run-activity.ts';

const TEN_MINUTES_MS = 600_000;
const ACTIVITY = { activityId: 'deliver/ep_1/1.1', attempt: 1 };

/** What the server says of the attempt: its state, and when a heartbeat came by its clock. */
function described(change: { state?: number; attempt?: number; heartbeatAtMs?: number; status?: string } = {}) {
  const { state = 2, attempt = 1, heartbeatAtMs, status = 'RUNNING' } = change;
  const lastHeartbeatTime =
    heartbeatAtMs === undefined ? null : { seconds: Math.floor(heartbeatAtMs / 1_000), nanos: 0 };
  return {
    status: { name: status },
    raw: { pendingActivities: [{ activityId: ACTIVITY.activityId, attempt, state, lastHeartbeatTime }] },
  };
}

/** Delivers on a machine whose clock is `aheadMs` ahead of the server's; the attempt was scheduled `lateMs` ago. */
async function deliver(
  receiver: Receiver,
  { aheadMs = 0, lateMs = 0, ...world }: ActivityWorld & { aheadMs?: number; lateMs?: number },
) {
  const scheduledMs = Date.now() - aheadMs - lateMs;
  return runActivity((own) => own.deliverWebhook(aDelivery(receiver.url)), {
    info: { ...ACTIVITY, scheduledTimestampMs: scheduledMs, currentAttemptScheduledTimestampMs: scheduledMs },
    ...world,
  });
}

it.each([
  ['ahead', TEN_MINUTES_MS],
  ['behind', -TEN_MINUTES_MS],
])(
  'a clock that is ten minutes %s: the timestamp verifies by the true time, and the log says so once',
  async (_which, aheadMs) => {
    const receiver = await startReceiver(200);
    let hasBeaten = false;
    const { value, lines } = await deliver(receiver, {
      aheadMs,
      onHeartbeat: () => {
        hasBeaten = true;
      },
      describe: () => described(hasBeaten ? { heartbeatAtMs: Date.now() - aheadMs } : {}),
    });
    const [request] = receiver.requests;
    const sentAt = Number(request?.headers['webhook-timestamp']);
    // The receiver's clock shows the true time.
    const now = () => Date.now() - aheadMs;
    expect(verifyWebhook(request?.body ?? '', request?.headers ?? {}, SECRET, { now })).toMatchObject({ ok: true });
    expect(Math.floor(Date.parse(value?.attempt.startedAt ?? '') / 1_000)).toBe(sentAt);
    expect(lines.filter(({ message }) => message === 'worker.clock_off')).toMatchObject([
      { level: 'warn', fix: expect.any(String) },
    ]);
    await receiver.close();
  },
);

test('attempts that start at once all wait for the first answer of the server, which may come late', async () => {
  const receiver = await startReceiver(200);
  let hasBeaten = false;
  let asked = 0;
  const scheduledMs = Date.now() - TEN_MINUTES_MS;
  const { lines } = await runActivity(
    (own) => Promise.all([1, 2, 3].map(() => own.deliverWebhook(aDelivery(receiver.url)))),
    {
      info: { ...ACTIVITY, scheduledTimestampMs: scheduledMs, currentAttemptScheduledTimestampMs: scheduledMs },
      onHeartbeat: () => {
        hasBeaten = true;
      },
      describe: () => {
        asked += 1;
        if (asked === 1) throw new Error('14 UNAVAILABLE');
        return described(hasBeaten ? { heartbeatAtMs: Date.now() - TEN_MINUTES_MS } : {});
      },
    },
  );
  const now = () => Date.now() - TEN_MINUTES_MS;
  const verdicts = receiver.requests.map(({ body, headers }) => verifyWebhook(body, headers, SECRET, { now }).ok);
  expect(verdicts).toEqual([true, true, true]);
  expect(lines.filter(({ message }) => message === 'worker.clock_off')).toHaveLength(1);
  await receiver.close();
});

test('an attempt that waited for one which was replaced asks for itself', async () => {
  const receiver = await startReceiver(200);
  let hasBeaten = false;
  let asked = 0;
  const scheduledMs = Date.now() - TEN_MINUTES_MS;
  const { value } = await runActivity(
    (own) => Promise.allSettled([1, 2].map(() => own.deliverWebhook(aDelivery(receiver.url)))),
    {
      info: { ...ACTIVITY, scheduledTimestampMs: scheduledMs, currentAttemptScheduledTimestampMs: scheduledMs },
      onHeartbeat: () => {
        hasBeaten = true;
      },
      describe: () => {
        asked += 1;
        if (asked === 1) return described({ attempt: 2 });
        return described(hasBeaten ? { heartbeatAtMs: Date.now() - TEN_MINUTES_MS } : {});
      },
    },
  );
  expect(value?.map(({ status }) => status)).toContain('fulfilled');
  const now = () => Date.now() - TEN_MINUTES_MS;
  const verdicts = receiver.requests.map(({ body, headers }) => verifyWebhook(body, headers, SECRET, { now }).ok);
  expect(new Set(verdicts)).toEqual(new Set([true]));
  await receiver.close();
});

test('a long queue is no clock that is off: nothing is said, and the local time is signed', async () => {
  const receiver = await startReceiver(200);
  let hasBeaten = false;
  const { lines } = await deliver(receiver, {
    lateMs: TEN_MINUTES_MS,
    onHeartbeat: () => {
      hasBeaten = true;
    },
    describe: () => described(hasBeaten ? { heartbeatAtMs: Date.now() } : {}),
  });
  expect(lines.map(({ message }) => message)).toEqual(['webhook.attempted']);
  const timestamp = String(receiver.requests[0]?.headers['webhook-timestamp']);
  expect(verifyWebhook(receiver.requests[0]?.body ?? '', receiver.requests[0]?.headers ?? {}, SECRET)).toMatchObject({
    ok: true,
  });
  expect(timestamp).toMatch(/^\d+$/);
  await receiver.close();
});

test('an attempt that starts on time asks nothing', async () => {
  const receiver = await startReceiver(200);
  let asked = 0;
  await deliver(receiver, {
    describe: () => {
      asked += 1;
      return described();
    },
  });
  expect([asked, receiver.requests.length]).toEqual([0, 1]);
  await receiver.close();
});

it.each([
  ['was cancelled', described({ state: 3 })],
  ['was replaced by the next attempt', described({ attempt: 2 })],
  ['belongs to a run that has ended', described({ status: 'TERMINATED' })],
])('a late attempt that %s meanwhile sends nothing', async (_why, answer) => {
  const receiver = await startReceiver(200);
  const late = deliver(receiver, {
    lateMs: 8_000,
    describe: () => answer,
    onHeartbeat: (env) => env.cancel('CANCELLED'),
  });
  await expect(late).rejects.toBeInstanceOf(CancelledFailure);
  expect(receiver.requests).toHaveLength(0);
  await receiver.close();
});

it.each([
  ['is still wanted', () => described()],
  ['cannot ask, since the server does not answer', undefined],
])('a late attempt that %s is sent', async (_why, describe) => {
  const receiver = await startReceiver(200);
  const { value } = await deliver(receiver, { lateMs: 8_000, ...(describe && { describe }) });
  expect([value?.attempt.outcome, receiver.requests.length]).toEqual(['delivered', 1]);
  await receiver.close();
});
