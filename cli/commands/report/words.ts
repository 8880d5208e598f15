/** A report for the terminal. Pure. */
import { answerInWords } from '../../../contract/delivery-state.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { factLines } from '../../process/fact-lines.ts';
import { inSeconds, stateInWords } from '../attempts-table.ts';
import { shareInWords, spanOf } from '../window.ts';
import type { ReportDelivery, ReportTotals } from './delivery.ts';

/** One delivery in a few lines. */
export function deliveryInLines(delivery: ReportDelivery): string {
  const { state, reason, event, callId, campaignId, host, attempts, endedAt, startedAt, nextAttemptAt, webhookId } =
    delivery;
  const { lateMs } = delivery;
  const last = attempts.at(-1);
  return factLines([
    `${inSeconds(endedAt ?? startedAt)}  ${stateInWords(state, reason)}  ${event}  ${callId ?? campaignId ?? ''}`,
    `at ${host}`,
    lateMs === undefined ? '' : `first attempt ${spanOf(lateMs)} late`,
    last === undefined
      ? 'no attempt'
      : `attempt ${last.number}: ${answerInWords(last)} at ${inSeconds(last.startedAt)}`,
    nextAttemptAt === undefined ? '' : `next attempt ${inSeconds(nextAttemptAt)}`,
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

/** The totals on two lines. */
export function totalsInWords({ deliveries, running, states, attempts, lateness }: ReportTotals): string {
  const { delivered = 0 } = states;
  const ended = deliveries - running;
  const share = shareInWords(delivered, ended);
  const late = lateness === undefined ? '' : `; late p50 ${spanOf(lateness.p50Ms)}, p99 ${spanOf(lateness.p99Ms)}`;
  const counts = `${deliveries} deliveries, ${running} of them running, ${attempts} attempts`;
  return `${counts}; ${delivered} of ${ended} ended delivered${share === undefined ? '' : `, ${share}`}${late}`;
}
