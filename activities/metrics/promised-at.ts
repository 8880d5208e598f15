/** The time for which a webhook was promised. */
import { DEFAULT_SETTLE_DELAY_MS } from '../../contract/default-policy.ts';
import { settleDelayFor } from '../../contract/delivery-policy.ts';
import type { DeliverySubject } from '../../contract/run-messages.ts';

/** In ms since 1970: the run's start, and the settle delay of the vendor's page. Late artifacts make a webhook late,
 *  since the customer waits for it. */
export function promisedAtMs({ event, runStartedAt }: DeliverySubject): number {
  return Date.parse(runStartedAt) + settleDelayFor(event, DEFAULT_SETTLE_DELAY_MS);
}
