/**
 * Waits until our own side can send: the secret store answers again. Each retry of the activity is one question, so
 * waiting writes no events, and the Web UI shows it as a pending activity with its reason.
 */
import { Context } from '@temporalio/activity';
import type { WaitForUsInput } from '../contract/run-messages.ts';
import { WAIT_FOR_US_MS } from '../contract/run-limits.ts';
import type { ActivityLog } from './activity-log.ts';
import { notReady } from './delivery-failure.ts';
import { lookUpSecrets } from './look-up-secrets.ts';
import type { SigningSecrets } from './ports/signing-secrets.ts';

/** A long wait is told once in so many questions: every ten minutes. */
const TOLD_EVERY = 20;

/** Makes the activity `waitForUs`. Its first try only begins the wait of `waitMs`, since the attempt has just asked.
 *  Each later try asks, and fails as `WebhookNotReady` until our side can send. */
export function makeWaitForUs(secrets: SigningSecrets, say: ActivityLog) {
  return async function waitForUs({ endpoint, code, waitMs }: WaitForUsInput): Promise<void> {
    const { endpointId, host, secretRef } = endpoint;
    const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
    if (attempt === 1) throw notReady(code, host, waitMs);
    const found = secretRef === undefined ? undefined : await lookUpSecrets(secrets, secretRef);
    // Both times are the server's.
    const waitedMs = currentAttemptScheduledTimestampMs - scheduledTimestampMs;
    if (found?.is === 'not_sent') {
      const ids = { endpointId, host, code: found.code, waitedMs };
      if (attempt % TOLD_EVERY === 0) say.error('webhook.waits_for_us', { ...ids, ...found.facts });
      throw notReady(found.code, host, WAIT_FOR_US_MS);
    }
    say.info('webhook.goes_on', { endpointId, host, code, waitedMs });
  };
}
