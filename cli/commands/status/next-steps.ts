/** What a person can do about a webhook, as commands to paste. Pure. */
import { shellWord } from '../../../client/shell-word.ts';
import { isFinal, type DeliveryStatus, type WebhookStatus } from '../../../contract/delivery-state.ts';
import { ruleOf } from './reason-words.ts';

/** What is shown. `runId`: of a run that is not the latest one. `where`: the option that names the namespace. */
type Shown = { readonly runId?: string | undefined; readonly isOpen: boolean; readonly where: string };

/** Commands to paste. Only those that have an effect now. */
export function nextSteps(
  { workflowId, state, deliveries, settlesUntil, stalled }: WebhookStatus,
  { runId, isOpen, where }: Shown,
): readonly string[] {
  const command = (verb: string, more = ''): string =>
    `topcalls-webhooks ${verb} ${shellWord(workflowId)}${where}${more}`;
  if (runId !== undefined) return [`${command('status')}  # the latest run`];
  if (isOpen) {
    // Nobody hears a signal before the cause is fixed, and the reset that fixes it may leave signals out.
    if (stalled?.why === 'task_failing') return [];
    if (stalled?.why === 'waiting_for_notify' && deliveries.every((each) => isFinal(each.state))) {
      return [`${command('cancel', ' --let-go')}  # closes the run; its event is told to nobody`];
    }
    const waits = deliveries.some((each) => each.nextAttemptAt !== undefined || each.state === 'waiting_for_us');
    // Cancelled by a signal that nobody has heard, it can still be closed.
    const isOver = settlesUntil === undefined && deliveries.every((each) => isFinal(each.state));
    return [
      ...(waits ? [`${command('retry-now')}  # the waiting attempt goes now`] : []),
      ...(isOver ? [] : [command('cancel', " --reason '…'")]),
    ];
  }
  if (state === 'delivered') return [`${command('redeliver', ' --force')}  # sends it once more`];
  if (state === 'refused') return afterRefusal(deliveries, command);
  const first = AFTER[state] ?? '';
  const reconcile = `topcalls-webhooks reconcile --since 2d${where}  # if the log lacks it`;
  return [`${command('redeliver')}${first}`, ...(state === 'terminated' ? [reconcile] : [])];
}

const AFTER: Readonly<Record<string, string>> = {
  failed: '  # once its receiver is fixed',
  gone: '  # if the 410 was a mistake',
};

/** Reasons that lie in the report itself. A redelivery has the same, so it is refused again. */
const REPORTED: ReadonlySet<string | undefined> = new Set(['secret_in_reference', 'secret_ref_invalid']);

/** What can be done after our rules forbade a delivery. What the customer corrects counts for later events. */
function afterRefusal(
  deliveries: readonly DeliveryStatus[],
  command: (verb: string, more?: string) => string,
): readonly string[] {
  const reasons = deliveries.filter((each) => each.state === 'refused').map(({ reason }) => reason);
  const body = `${command('request', ' --body')}  # what was not sent; a corrected setting counts for later events`;
  if (reasons.every((reason) => REPORTED.has(reason))) return [body];
  if (reasons.every((reason) => REPORTED.has(reason) || ruleOf(reason) !== undefined)) {
    return [body, `${command('redeliver')}  # to the same URL: only once the workers' egress options allow it`];
  }
  return [`${command('redeliver')}  # once the cause is fixed: docs/errors.md`];
}
