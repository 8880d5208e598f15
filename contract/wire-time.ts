/** Times in bodies: `YYYY-MM-DDThh:mm:ssZ`, the form of the vendor's page. Pure. */

// An offset or Z is required. Without one, a time would be read in the host's time zone.
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/i;

/** What `wireTime` accepts, in words for error messages. */
export const TIME_RULE = 'an ISO 8601 time with Z or an offset, such as 2025-12-22T10:30:05Z';

/** Turns an ISO 8601 time into `YYYY-MM-DDThh:mm:ssZ`. Fractions of a second are cut off. Undefined if `text` is not
 *  a time with Z or an offset. */
export function wireTime(text: string): string | undefined {
  if (!ISO_INSTANT.test(text)) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time) || !isCalendarDate(text)) return undefined;
  // Most engines report it so. Midnight may be written as hour 24 of the day before.
  if (WIRE_FORM.test(text)) return text;
  const iso = new Date(time).toISOString();
  // Years beyond 9999 have a longer form (+010000-…). Receivers do not expect it.
  return iso.length === 24 ? `${iso.slice(0, 19)}Z` : undefined;
}

/** A time that is in its wire form already. */
const WIRE_FORM = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}Z$/;

/** Whether the date of a time that `Date.parse` reads exists. It reads 30 February as 2 March. Each month has the first
 *  28 days. */
export function isCalendarDate(text: string): boolean {
  const date = text.slice(0, 10);
  return Number(date.slice(8)) <= 28 || new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}
