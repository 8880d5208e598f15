/** The suite for ports that take delivery events. */
import assert from 'node:assert/strict';
import type { DeliveryEvent, DeliveryEvents } from '../../activities/index.ts';
import { inTime } from '../../contract/in-time.ts';
import { casesFor } from './conformance-case.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** The port under test. */
export type DeliveryEventsUnderTest = {
  readonly events: DeliveryEvents;
  /** How often the event with this id was acted on. Left out where twice does no harm, as in a log. */
  readonly countOf?: (id: string) => Promise<number> | number;
};

/** Test cases for `notify`. `open` is called once per case. */
export function deliveryEventsConformance(
  open: () => Promise<DeliveryEventsUnderTest> | DeliveryEventsUnderTest,
): readonly ConformanceCase[] {
  return casesFor(open, {
    'it takes an event of each kind': async (subject) => {
      for (const kind of KINDS) await take(subject, anEvent(kind));
    },
    'it takes an event that has only what every event has': async (subject) => {
      const { callId: _call, accountId: _account, reason: _reason, nextAttemptAt: _next, ...bare } = anEvent(KINDS[0]);
      await take(subject, bare);
    },
    'it takes a kind that it does not know: else a later version would keep runs open': async (subject) => {
      const unknown = { ...anEvent(KINDS[0]), kind: 'delivery.seen_by_a_later_version' };
      await take(subject, unknown as unknown as DeliveryEvent);
    },
    'an event that is told again, one after the other and at once, is acted on once': async (subject) => {
      if (subject.countOf === undefined) return;
      const event = anEvent('delivery.failed');
      await take(subject, event);
      await take(subject, event);
      await Promise.all(Array.from({ length: 5 }, () => take(subject, event)));
      assert.equal(await subject.countOf(event.id), 1, `how often it acted on ${event.id}`);
    },
    'events of two kinds, of two runs and of two cycles are acted on each': async (subject) => {
      if (subject.countOf === undefined) return;
      const { webhookId } = anEvent('delivery.failing');
      const events = [
        anEvent('delivery.failing', { webhookId }),
        anEvent('delivery.failed', { webhookId }),
        anEvent('delivery.failed', { webhookId, runId: '0192f0c1-0000-7000-8000-00000000000b' }),
        anEvent('delivery.failed', { webhookId, cycle: 2 }),
      ];
      for (const event of events) await take(subject, event);
      for (const { id } of events) assert.equal(await subject.countOf(id), 1, `how often it acted on ${id}`);
    },
  });
}

const STATES = {
  'delivery.failing': 'retrying',
  'delivery.failed': 'failed',
  'delivery.recovered': 'delivered',
  'delivery.cancelled': 'cancelled',
} as const;
const KINDS = ['delivery.failing', 'delivery.failed', 'delivery.recovered', 'delivery.cancelled'] as const;
/** As long as the worker waits. */
const DEADLINE_MS = 20_000;
/** Each case has events of its own, also where all cases share one port. */
let made = 0;

async function take({ events }: DeliveryEventsUnderTest, event: DeliveryEvent): Promise<void> {
  const taken = (async () => {
    await events.notify(event, { signal: AbortSignal.timeout(DEADLINE_MS) });
    return 'taken';
  })();
  const end = await inTime(taken.catch(String), DEADLINE_MS, () => 'no answer within 20 s');
  assert.equal(end, 'taken', `${event.kind} ${event.id}`);
}

function anEvent(kind: DeliveryEvent['kind'], change: Partial<DeliveryEvent> = {}): DeliveryEvent {
  made += 1;
  const { webhookId = `msg_conformance_${made}`, cycle = 1, runId = '0192f0c1-0000-7000-8000-00000000000a' } = change;
  return {
    id: `${webhookId}-${cycle}-${runId}-${kind.replace('delivery.', '')}`,
    kind,
    at: '2026-01-31T23:20:01.000Z',
    event: 'call.completed',
    callId: 'call-1',
    accountId: 'acct_1',
    cycle,
    workflowId: 'call-webhook/call-1',
    runId,
    webhookId,
    endpointId: 'ep_abcdefghijkl',
    host: 'crm.example.com',
    state: STATES[kind],
    reason: 'http_503',
    attempts: 1,
    of: 5,
    nextAttemptAt: '2026-01-31T23:21:01.000Z',
    startedAt: '2026-01-31T23:20:00.000Z',
  };
}
