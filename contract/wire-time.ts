/** Times on the wire: `YYYY-MM-DDThh:mm:ssZ`, as the vendor's page shows them. Pure. */

// A date alone or a text date would be read in the host's time zone; an offset or Z is required.
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/i;

/** Words for what `wireTime` takes, for error messages. */
export const TIME_RULE = 'an ISO 8601 time with Z or an offset, such as 2025-12-22T10:30:05Z';

/** An ISO 8601 instant as `YYYY-MM-DDThh:mm:ssZ` (fractions of a second cut), or undefined where it is none. */
export function wireTime(text: string): string | undefined {
  if (!ISO_INSTANT.test(text)) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time) || !isCalendarDate(text.slice(0, 10))) return undefined;
  const iso = new Date(time).toISOString();
  // Years beyond 9999 have a longer form (+010000-…), which no receiver expects.
  return iso.length === 24 ? `${iso.slice(0, 19)}Z` : undefined;
}

/** Date.parse takes 30 February for 2 March. */
function isCalendarDate(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}
