/** Times in words. Workflows do not load this file. Pure. */

/** ISO 8601 UTC of a time in ms since 1970; undefined where it is not known. */
export function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
