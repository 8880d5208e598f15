/** Times that a person or a host gives for a search, as ISO 8601. Pure. */
import { isCalendarDate } from './wire-time.ts';

/** What `readMoment` accepts, in words for error messages. */
export const MOMENT_RULE = 'a time in ISO 8601, of the years 1 to 9999, such as 2026-06-01T00:00:00Z';

// `Date.parse` alone takes nearly anything: "12" is a day in 2001. A date alone is its beginning in UTC. A time without
// a zone is one of this machine's zone.
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;

/** The time in UTC with milliseconds, of a text or a Date. Undefined for what is no time, for a day that no month has,
 *  and outside of the years 1 to 9999.
 *  `readMoment('2026-06-01T02:00:00+02:00')` → `'2026-06-01T00:00:00.000Z'` */
export function readMoment(moment: unknown): string | undefined {
  if (moment instanceof Date) return storedTime(moment.getTime());
  if (typeof moment !== 'string' || !ISO.test(moment)) return undefined;
  const time = storedTime(Date.parse(moment));
  return time !== undefined && isCalendarDate(moment) ? time : undefined;
}

/** The time in UTC with milliseconds. Undefined outside of the years 1 to 9999: other years have a form that sorts
 *  elsewhere, and that neither PostgreSQL nor Temporal reads. */
export function storedTime(ms: number): string | undefined {
  return ms >= FIRST_MS && ms <= LAST_MS ? new Date(ms).toISOString() : undefined;
}
const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
