/** What an outage of the log cost, in words. Pure. */
import type { LateSpan, RecordedLate } from '../../../adapters/postgres/recorded-late.ts';
import { typedSpan } from '../../process/time-span.ts';
import { inSeconds } from '../attempts-table.ts';
import { spanOf } from '../window.ts';
import { counted } from '../../process/counted.ts';

/** The lines. Each time in which records came late has one, the latest first. `since`: ISO 8601. */
export function lateInWords({ lateByMs, deliveries, spans }: RecordedLate, since: string): readonly string[] {
  const lateBy = typedSpan(lateByMs);
  if (deliveries === 0) {
    return [`no record of a delivery that ended since ${since} came more than ${lateBy} late (--late-by)`];
  }
  const shown = spans.reduce((sum, span) => sum + span.deliveries, 0);
  return [
    `${counted(deliveries, 'record')} of deliveries that ended since ${since} came more than ${lateBy} late. ` +
      'The log was away, or slow, for a part of:',
    ...spans.map(spanInWords),
    ...(shown < deliveries ? [`  and ${deliveries - shown} before that: --json has all numbers`] : []),
    'The outage delayed or repeated no POST. Whether records lack: topcalls-webhooks doctor',
  ];
}

function spanInWords({ deliveries, firstEndedAt, firstRecordedAt, lastRecordedAt, maxMs }: LateSpan): string {
  const [from, to] = [inSeconds(firstEndedAt), inSeconds(lastRecordedAt)];
  // The log takes what has waited in a few seconds or minutes, by when each activity is tried again.
  const first =
    deliveries === 1 ? 'its record came' : `the last record came, the first at ${inSeconds(firstRecordedAt)}`;
  return `  ${from} (the first of them ended) to ${to} (${first}): ${deliveries} late, the longest by ${spanOf(maxMs)}`;
}
