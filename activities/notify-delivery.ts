/** Tells the host of a delivery that fails, ends or recovers. Its retries, without limit, make it durable. */
import { Context } from '@temporalio/activity';
import type { DeliveryEvent } from '../contract/delivery-event.ts';
import type { ActivityLog } from './activity-log.ts';
import { hostNotNotified } from './delivery-failure.ts';
import { errorFacts } from './port-error.ts';
import type { DeliveryEvents } from './ports/delivery-events.ts';
import { within } from './within.ts';

/** Longer than one POST may take, shorter than the activity's 30 s. */
const NOTIFY_DEADLINE_MS = 20_000;
/** Most events that a worker tells at once. A host that hangs must not take the slots that deliveries need. */
const MAX_NOTIFYING = 20;
/** How long an event waits that found no room, ms. */
const BUSY_MS = 5_000;

/** Makes the activity `notifyDelivery`. It fails as `HostNotNotified`, which is retried without limit. */
export function makeNotifyDelivery(events: DeliveryEvents, say: ActivityLog) {
  let notifying = 0;
  return async function notifyDelivery(event: DeliveryEvent): Promise<void> {
    if (notifying >= MAX_NOTIFYING) throw hostNotNotified(event, 'busy', BUSY_MS);
    notifying += 1;
    try {
      await within('the notification', NOTIFY_DEADLINE_MS, () => events.notify(event));
    } catch (error) {
      const { id, kind, endpointId, host } = event;
      const { attempt } = Context.current().info;
      const facts = errorFacts(error);
      say.error('webhook.host_not_notified', { id, kind, endpointId, host, attempt, ...facts });
      throw hostNotNotified(event, facts.error);
    } finally {
      notifying -= 1;
    }
  };
}
