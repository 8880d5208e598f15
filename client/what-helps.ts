/** What helps a run that stands still, where its failure tells more than the kind of its wait. Pure. */
import { SIGNALS } from '../contract/names.ts';
import type { HistoryEvent } from './fetch-history.ts';
import { shellWord } from './shell-word.ts';

/** What helps, by the code in a failure's words. Other codes are not told here. */
const FIXES: Readonly<Record<string, string>> = {
  secret_store_down: 'bring the store of secrets back',
  secret_store_odd: 'correct what the store of secrets answers (docs/errors.md)',
  secret_store_missing: 'pass `secrets` to the activities of every worker',
  no_activity:
    'a worker without our activities polls this task queue: give it the activities, or a task queue of its own',
  stored_payload: 'bring the external storage back (docs/big-bodies.md)',
  timeout_tls_queue: 'add workers, or see which receiver never ends its TLS handshakes',
  no_port: 'give every worker of this task queue the same deliveryEvents (TOPCALLS_NOTIFY_URL)',
};

/** What helps by the code that stands in parentheses in our own failures' words. */
export function fixIn(problem: string): string | undefined {
  const code = /\((\w+)\); /.exec(problem)?.[1] ?? '';
  return Object.hasOwn(FIXES, code) ? FIXES[code] : undefined;
}

/** How the SDK says that it cannot decode an input. It decodes those of signals before our code sees them. Our own
 *  reports of attempts are signals too, and are always well-formed. */
const UNDECODABLE = /Unknown encoding|\bJSON\b/;

/** How to get rid of a signal whose input no worker can decode. Undefined if that is not what the task fails of. */
export function withoutSignal(
  cause: string,
  events: readonly HistoryEvent[],
  { workflowId, namespace }: { readonly workflowId: string; readonly namespace: string },
): string | undefined {
  const done = events.findLastIndex((event) => event.workflowTaskCompletedEventAttributes);
  const after = events.slice(done + 1);
  const names = new Set(after.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName));
  const name = [SIGNALS.cancel, SIGNALS.retryNow].find((each) => names.has(each));
  if (!UNDECODABLE.test(cause) || name === undefined || cause.includes(`: ${encodingOf(events[0])}`)) return undefined;
  const what = `the input of the signal ${name} cannot be decoded, by no worker`;
  if (done === -1) return `${what}: terminate the run, then reconcile and redeliver`;
  const where = namespace === 'default' ? '' : ` -n ${shellWord(namespace)}`;
  const to = `--event-id ${Number(events[done]?.eventId)} --reapply-exclude Signal --reason '…'`;
  const command = `temporal workflow reset -w ${shellWord(workflowId)}${where} ${to}`;
  return `${what}. Go back to before it: ${command}. An attempt made since then is made again`;
}

/** How the run's own input is encoded. A worker that does not know this encoding lacks keys, and the signal is good. */
function encodingOf(started: HistoryEvent | undefined): string {
  const [payload] = started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return Buffer.from(payload?.metadata?.['encoding'] ?? 'none').toString();
}
