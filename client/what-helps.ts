/** What helps a run that stands still, where its failure tells more than the kind of its wait. Pure. */
import type { Payload } from '@temporalio/common';
import { SIGNALS } from '../contract/names.ts';
import type { HistoryEvent } from './fetch-history.ts';
import { namespaceOption, shellWord } from './shell-word.ts';

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

/** The run that cannot go on. */
type Where = { readonly workflowId: string; readonly namespace: string };

/** What helps a task that fails of a payload which no worker can decode. Undefined if that is not what it fails of. */
export function fixOfPayload(cause: string, events: readonly HistoryEvent[], where: Where): string | undefined {
  return withServerText(cause, events) ?? withoutSignal(cause, events, where);
}

/** The payload that the server itself writes: the details of an activity that was cancelled while it waited. */
function withServerText(cause: string, events: readonly HistoryEvent[]): string | undefined {
  const details = sinceLastTask(events).flatMap(
    (event) => event.activityTaskCanceledEventAttributes?.details?.payloads ?? [],
  );
  if (!details.some((payload) => cause.includes(`: ${encodingOf(payload)}`))) return undefined;
  const fix = 'the data converter of every worker must read json/plain too, which the server itself writes';
  return `${fix} (docs/encryption.md); the run then goes on, and nothing is lost meanwhile`;
}

function sinceLastTask(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  return events.slice(events.findLastIndex((event) => event.workflowTaskCompletedEventAttributes) + 1);
}

/** How to get rid of a signal whose input no worker can decode. */
function withoutSignal(
  cause: string,
  events: readonly HistoryEvent[],
  { workflowId, namespace }: Where,
): string | undefined {
  const after = sinceLastTask(events);
  const done = events.length - after.length - 1;
  const names = new Set(after.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName));
  const name = [SIGNALS.cancel, SIGNALS.retryNow].find((each) => names.has(each));
  if (!UNDECODABLE.test(cause) || name === undefined || cause.includes(`: ${encodingOf(inputOf(events[0]))}`))
    return undefined;
  const what = `the input of the signal ${name} cannot be decoded, by no worker`;
  if (done === -1) return `${what}: terminate the run, then reconcile and redeliver`;
  const where = namespaceOption(namespace, '-n');
  const to = `--event-id ${Number(events[done]?.eventId)} --reapply-exclude Signal --reason '…'`;
  const command = `temporal workflow reset -w ${shellWord(workflowId)}${where} ${to}`;
  return `${what}. Go back to before it: ${command}. An attempt made since then is made again`;
}

/** The run's own input. A worker that does not know its encoding lacks keys, and the signal is good. */
function inputOf(started: HistoryEvent | undefined): Payload | undefined {
  return started?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
}

function encodingOf(payload: Payload | undefined): string {
  return Buffer.from(payload?.metadata?.['encoding'] ?? 'none').toString();
}
