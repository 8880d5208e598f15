/** Tells the host of a delivery that fails, ends or recovers. Its retries, without limit, make it durable. */
import { Context } from '@temporalio/activity';
import type { DeliveryEvent, DeliveryEventKind } from '../contract/delivery-event.ts';
import type { LiveState } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { attemptsIn } from '../contract/retry-schedule.ts';
import type { NotifyInput } from '../contract/run-messages.ts';
import type { ActivityLog } from './activity-log.ts';
import { hostNotNotified } from './delivery-failure.ts';
import { errorFacts } from './port-error.ts';
import type { DeliveryEvents } from './ports/delivery-events.ts';
import { within } from './within.ts';

/** Longer than one POST may take, shorter than the activity's 30 s. */
const NOTIFY_DEADLINE_MS = 20_000;
/** Most events that a worker tells at once. A host that hangs must not take the slots that deliveries need. */
const MAX_NOTIFYING = 5;
/** How long an event waits that found no room, ms: at first, and at most. */
const BUSY_MS = 5_000;
const MAX_BUSY_MS = 300_000;
/** How long an event waits that the host did not take, ms: at first, and at most. Each wait is four times the last. */
const UNTAKEN_MS = 1_000;
const MAX_UNTAKEN_MS = 900_000;

/** Tries after which a worker without the port gives an event up, if no worker with a port has tried. */
const MAX_OFFERS = 10;
/** Wait for another worker, ms. */
const OTHERS_MS = 60_000;
/** What a worker with the port leaves for the next try, as a heartbeat: how often the host was told. */
type Left = { readonly told: number };

/** Makes the activity `notifyDelivery`. It fails as `HostNotNotified`, which is retried without limit. `events` is
 *  undefined where the host has no port. Then another worker may have one; if none has, the host took it away. */
export function makeNotifyDelivery(events: DeliveryEvents | undefined, say: ActivityLog) {
  let notifying = 0;
  return async function notifyDelivery(input: NotifyInput): Promise<void> {
    const event = eventOf(input);
    if (events === undefined) return leaveToOthers(event, say);
    const context = Context.current();
    const { attempt } = context.info;
    const hasRoom = notifying < MAX_NOTIFYING;
    const told = (leftBefore()?.told ?? 0) + (hasRoom ? 1 : 0);
    context.heartbeat({ told } satisfies Left);
    if (!hasRoom) throw hostNotNotified(event, 'busy', busyMs(attempt));
    notifying += 1;
    try {
      await within('the notification', NOTIFY_DEADLINE_MS, ({ signal }) => events.notify(event, { signal }));
    } catch (error) {
      const { id, kind, endpointId, host } = event;
      const facts = errorFacts(error);
      say.error('webhook.host_not_notified', { id, kind, endpointId, host, attempt, ...facts });
      // Tries that found no room raise `attempt`, so the retry policy would wait too long.
      throw hostNotNotified(event, facts.error, Math.min(UNTAKEN_MS * 4 ** (told - 1), MAX_UNTAKEN_MS));
    } finally {
      notifying -= 1;
    }
  };
}

/** Grows, and is spread: while the host hangs, thousands of waiting events must not come back each 5 s or together. */
function busyMs(attempt: number): number {
  return Math.round(Math.min(BUSY_MS * 2 ** (attempt - 1), MAX_BUSY_MS) * (0.5 + Math.random()));
}

/** Undefined if no worker with the port has tried. */
function leftBefore(): Left | undefined {
  const left: unknown = Context.current().info.heartbeatDetails;
  return typeof left === 'object' && left !== null && 'told' in left ? (left as Left) : undefined;
}

function leaveToOthers(event: DeliveryEvent, say: ActivityLog): void {
  const { attempt } = Context.current().info;
  if (attempt < MAX_OFFERS || leftBefore() !== undefined) throw hostNotNotified(event, 'no_port', OTHERS_MS);
  const { id, kind, endpointId, host } = event;
  const fix = 'give every worker of the task queue deliveryEvents, or none';
  say.warn('webhook.notification_given_up', { id, kind, endpointId, host, attempt, fix });
}

/** By the state of the delivery. All others are ends that failed. */
const KINDS: Partial<Record<LiveState, DeliveryEventKind>> = {
  retrying: 'delivery.failing',
  delivered: 'delivery.recovered',
  cancelled: 'delivery.cancelled',
};

/** The event as the host gets it, the same at each try. */
function eventOf({ at, subject, delivery, retryDelaysMs }: NotifyInput): DeliveryEvent {
  const { workflowId = '', runId = '' } = Context.current().info.workflowExecution ?? {};
  const { event, callId, campaignId, accountId, cycle, runStartedAt: startedAt } = subject;
  const { webhookId, endpointId, host, state, attempts, nextAttemptAt } = delivery;
  const kind = KINDS[state] ?? 'delivery.failed';
  const lastFailed = attempts.findLast(({ outcome }) => outcome !== 'unknown' && outcome !== 'delivered');
  const reason = kind === 'delivery.recovered' ? undefined : (delivery.reason ?? lastFailed?.code);
  return {
    id: `${webhookId}-${cycle}-${runId}-${kind.slice('delivery.'.length)}`,
    kind,
    at,
    event,
    ...given({ callId, campaignId, accountId }),
    workflowId,
    runId,
    cycle,
    webhookId,
    endpointId,
    host,
    // The run tells no other states.
    state: state as DeliveryEvent['state'],
    ...given({ reason }),
    attempts: attempts.length,
    of: attemptsIn(retryDelaysMs),
    ...given({ nextAttemptAt }),
    startedAt,
  };
}
