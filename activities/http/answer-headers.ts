/**
 * The little that is taken from a receiver's headers. Everything in an answer is hostile data. Only numbers and one
 * media type of plain characters leave this file.
 */

/** One response header as undici hands it over; a list where the receiver sent it more than once. */
export type HeaderValue = string | string[] | undefined;

/** Milliseconds to wait by a `Retry-After` header: seconds or an HTTP date, counted from `nowMs`. A past date is 0.
 *  Undefined where the header is missing, repeated, or in neither form. Not capped here; `waitMs` caps it.
 *  Source: RFC 9110 §10.2.3. */
export function retryAfterMs(header: HeaderValue, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Date.parse alone takes nearly anything ("1.5" is a day in 2001): so only text in one of the three forms reaches it.
  const date = HTTP_DATES.some((form) => form.test(text))
    ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
    : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** `type/subtype` in lower case without parameters; undefined where it is anything but a plain token of at most 100
 *  characters. mediaType('Application/JSON; charset=utf-8') → 'application/json'. */
export function mediaType(header: HeaderValue): string | undefined {
  if (typeof header !== 'string') return undefined;
  const type = header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type.length <= 100 && /^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/.test(type) ? type : undefined;
}

/** The three forms of RFC 9110 §5.6.7: IMF-fixdate, RFC 850, asctime. */
const HTTP_DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];
