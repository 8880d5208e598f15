/** How a run closes: its status is the delivery report, readable in the Web UI's list without any set-up. */
import { ApplicationFailure, CancelledFailure } from '@temporalio/workflow';
import { answerInWords, type DeliveryOutcome, type WebhookResult } from '../contract/delivery-state.ts';
import { FAILURE_TYPES } from '../contract/names.ts';
import { cancelOwnRunProxy } from './activity-proxies.ts';
import type { WebhookRun } from './run.ts';

/** Any endpoint failed, gone or refused → Failed, with the outcome in the failure's details; else any cancelled →
 *  Canceled; else Completed, also when a cancel came too late. */
export async function closeRun(run: WebhookRun): Promise<WebhookResult> {
  const result = run.life.result();
  const bad = result.deliveries.filter(({ state }) => state !== 'delivered' && state !== 'cancelled');
  if (bad.length > 0) throw deliveryFailed(result, bad);
  if (result.deliveries.some(({ state }) => state === 'cancelled')) {
    // A bare signal cannot close a TypeScript workflow as Canceled: the server itself has to ask.
    if (!run.cancelledByServer) await cancelOwnRunProxy()();
    await run.serverCancel;
    throw new CancelledFailure(`cancelled${result.cancelReason === undefined ? '' : `: ${result.cancelReason}`}`);
  }
  return result;
}

function deliveryFailed(result: WebhookResult, bad: readonly DeliveryOutcome[]): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type: FAILURE_TYPES.deliveryFailed,
    nonRetryable: true,
    message: `${result.event}: ${bad.map(inWords).join('; ')}${bad.length < result.deliveries.length ? ` (${bad.length} of ${result.deliveries.length} endpoints)` : ''}`,
    details: [result],
  });
  // The stack would only push the words out of sight in the Web UI.
  failure.stack = '';
  return failure;
}

function inWords({ host, state, reason, attempts }: DeliveryOutcome): string {
  const count = `${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}`;
  if (state === 'gone') return `${host} answered 410 Gone: the receiver removed this URL`;
  if (state === 'refused') return `${host} refused by our own rules (${reason ?? 'unknown'})`;
  const last = attempts.at(-1);
  return `${host} did not take it in ${count} (last: ${last === undefined ? (reason ?? 'unknown') : answerInWords(last)})`;
}
