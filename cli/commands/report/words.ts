/** A report for the terminal. Pure. */
import { answerInWords, FINAL_STATES, isFinal, type LiveState } from '../../../contract/delivery-state.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { counted } from '../../process/counted.ts';
import { factLines } from '../../process/fact-lines.ts';
import { inSeconds, stateInWords, wasDue } from '../attempts-table.ts';
import { shareInWords, spanOf } from '../window.ts';
import { repeatInWords, type ReportDelivery, type ReportTotals } from './delivery.ts';

/** One delivery in a few lines, as it stands at `nowMs`. */
export function deliveryInLines(delivery: ReportDelivery, nowMs: number): string {
  const { state, reason, event, callId, campaignId, host, attempts, endedAt, startedAt, nextAttemptAt, webhookId } =
    delivery;
  const { lateMs } = delivery;
  const last = attempts.at(-1);
  return factLines([
    `${inSeconds(endedAt ?? startedAt)}  ${stateInWords(state, reason)}  ${event}  ${callId ?? campaignId ?? ''}`,
    `at ${host}`,
    ...repeatInWords(delivery),
    lateMs === undefined ? '' : `first attempt ${spanOf(lateMs)} late`,
    last === undefined
      ? 'no attempt'
      : `attempt ${last.number}: ${answerInWords(last)} at ${inSeconds(last.startedAt)}`,
    nextAttemptAt === undefined ? '' : `next attempt ${wasDue(nextAttemptAt, nowMs)}${inSeconds(nextAttemptAt)}`,
    webhookId,
  ]);
}

/** What to think of a report without deliveries. */
export function emptyInWords(accountId: string | undefined, endpointId: string | undefined): string {
  const account = accountId === undefined ? [] : [`account ${oneLine(accountId)}`];
  const endpoint = endpointId === undefined ? [] : [`endpoint ${oneLine(endpointId)}`];
  const whose = [...account, ...endpoint].join(' and ');
  return `no deliveries of ${whose} ended in this window or still run: is the id right, and --since early enough?`;
}

/** The totals in one line. */
export function totalsInWords(totals: ReportTotals): string {
  const { deliveries, running, attempts, lateness, webhooks } = totals;
  const late = lateness === undefined ? '' : `; late p50 ${spanOf(lateness.p50Ms)}, p99 ${spanOf(lateness.p99Ms)}`;
  const of = webhooks === undefined || webhooks.count === deliveries ? '' : ` of ${counted(webhooks.count, 'webhook')}`;
  const all = counted(deliveries, 'delivery', 'deliveries');
  const counts = `${all}${of}, ${running} of them running, ${counted(attempts, 'attempt')}`;
  const { share, part } = successOf(totals);
  return `${counts}; ${part} ended delivered${share === undefined ? '' : `, ${share}`}${late}`;
}

/** `15 of 45 webhooks`: each counts once, if all its deliveries are listed. Else each delivery counts. */
export function successOf({ webhooks, ...totals }: ReportTotals) {
  const { states, ended, what } =
    webhooks === undefined
      ? { states: totals.states, ended: totals.deliveries - totals.running, what: 'deliveries' }
      : { states: webhooks.states, ended: webhooks.count - webhooks.running, what: 'webhooks' };
  const { delivered = 0 } = states;
  return { share: shareInWords(delivered, ended), part: `${delivered} of ${ended} ${what}` };
}

/** `2 delivered, 1 failed, 2 still running (1 retrying, 1 settling)`: each counts once. */
export function statesInWords(states: ReportTotals['states']): string {
  const counts = Object.entries(states) as [LiveState, number][];
  const words = (some: typeof counts): string => some.map(([state, count]) => `${count} ${state}`).join(', ');
  const ended = BEST_FIRST.flatMap((state) => counts.filter(([each]) => each === state));
  const open = counts.filter(([state]) => !isFinal(state));
  const running = open.reduce((sum, [, count]) => sum + count, 0);
  const still = running === 0 ? 'none still runs' : `${running} still running (${words(open)})`;
  return [...(ended.length === 0 ? [] : [words(ended)]), still].join(', ');
}

const BEST_FIRST = FINAL_STATES.toReversed();
