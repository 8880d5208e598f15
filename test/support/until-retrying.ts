/** Waits for the ladder. */
import type { WebhookHandle } from '../../client/index.ts';
import { waitFor } from './wait-for.ts';

/** Until a delivery waits for its next attempt, and the server shows when that is due. */
export async function untilRetrying(handle: Pick<WebhookHandle, 'status'> | undefined): Promise<void> {
  const isDue = async () => (await handle?.status())?.deliveries.some((each) => each.nextAttemptAt !== undefined);
  await waitFor('the wait for the next attempt', isDue);
}
