/** Closes a run. Its close status is the delivery report, so the Web UI's list shows it without any set-up. */
import { ApplicationFailure, CancellationScope, CancelledFailure } from '@temporalio/workflow';
import { answerInWords, type DeliveryOutcome, type WebhookResult } from '../contract/delivery-state.ts';
import { FAILURE_TYPES } from '../contract/names.ts';
import { cancelOwnRunProxy } from './activity-proxies.ts';
import type { WebhookRun } from './run.ts';

/** Closes the run by the worst of its deliveries. Any failed, gone or refused: Failed, with the outcome in the
 *  failure's details. Else any cancelled: Canceled. Else Completed, also when a cancel came too late. Before, the host
 *  takes what it is told of the deliveries. */
export function closeRun(run: WebhookRun): Promise<WebhookResult> | WebhookResult {
  return run.notifications.taken()?.then(() => closeNow(run)) ?? closeNow(run);
}

function closeNow(run: WebhookRun): Promise<WebhookResult> | WebhookResult {
  const result = run.life.result();
  const bad = result.deliveries.filter(({ state }) => state !== 'delivered' && state !== 'cancelled');
  if (bad.length > 0) throw deliveryFailed(result, bad);
  const isCancelled = result.deliveries.some(({ state }) => state === 'cancelled');
  return isCancelled ? closeAsCanceled(run, result) : result;
}

async function closeAsCanceled(run: WebhookRun, { cancelReason }: WebhookResult): Promise<never> {
  // A TypeScript workflow closes as Canceled only after the server has asked it to cancel. A signal is not enough.
  if (!run.cancelledByServer) await CancellationScope.nonCancellable(cancelOwnRunProxy());
  await run.serverCancel;
  throw new CancelledFailure(`cancelled${cancelReason === undefined ? '' : `: ${cancelReason}`}`);
}

function deliveryFailed(result: WebhookResult, bad: readonly DeliveryOutcome[]): ApplicationFailure {
  const { event, deliveries } = result;
  const share = bad.length < deliveries.length ? ` (${bad.length} of ${deliveries.length} endpoints)` : '';
  const failure = ApplicationFailure.create({
    type: FAILURE_TYPES.deliveryFailed,
    nonRetryable: true,
    message: `${event}: ${bad.map(inWords).join('; ')}${share}`,
    details: [result],
  });
  // In the Web UI a stack would push the message out of sight.
  failure.stack = '';
  return failure;
}

function inWords({ host, state, reason, attempts }: DeliveryOutcome): string {
  const count = `${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}`;
  if (state === 'gone') return `${host} answered 410 Gone: the receiver removed this URL`;
  if (state === 'refused') return `${host} refused by our own rules (${reason ?? 'unknown'})`;
  const last = attempts.at(-1);
  const answer = last === undefined ? (reason ?? 'unknown') : answerInWords(last);
  return `${host} did not take it in ${count} (last: ${answer})`;
}
