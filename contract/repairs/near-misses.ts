/** Finds names that are almost a known one: `webhookUrl`, `webhook_event`, `secretRef`. A mistyped field would
 *  otherwise be ignored in silence. Pure. */

import { editDistance } from '../edit-distance.ts';
import { looksLikeSecret } from '../secret-reference.ts';

/** A key, and the known name that it probably means. */
export type NearMiss = { readonly key: string; readonly meant: string };

/** A report may have many keys. Comparing more names than this takes too long. */
export const MAX_COMPARED_KEYS = 1_000;

/** Keys that people mistype. The key is told, so it must be short, and never a secret. */
const PLAIN_KEY = /^[\w.\- ]{1,60}$/;

/** The unknown ones among `keys` that are close to one of `missing`. Where the meant field is there as well, the
 *  other key is simply another field. */
export function nearMisses(
  keys: readonly string[],
  known: readonly string[],
  missing: readonly string[],
): readonly NearMiss[] {
  const unknown = keys.slice(0, MAX_COMPARED_KEYS).filter((key) => !known.includes(key));
  return unknown.flatMap((key) => {
    if (!PLAIN_KEY.test(key) || looksLikeSecret(key)) return [];
    const meant = nearestName(key, missing);
    return meant === undefined ? [] : [{ key, meant }];
  });
}

/** The name that differs from `key` least: in case and separators, in one letter, or in two if both begin alike.
 *  Undefined if none is so near. */
function nearestName(key: string, names: readonly string[]): string | undefined {
  const letters = lettersOf(key);
  const near = names
    .map((name) => ({ name, distance: distanceOf(letters, lettersOf(name)) }))
    .filter(({ distance }) => distance !== undefined);
  return near.toSorted((one, other) => (one.distance ?? 0) - (other.distance ?? 0))[0]?.name;
}

function lettersOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
}

/** Undefined for names that nobody confuses. */
function distanceOf(one: string, other: string): number | undefined {
  const allowed = one[0] === other[0] ? 2 : 1;
  if (one.length < 5 || Math.abs(one.length - other.length) > allowed) return undefined;
  const distance = editDistance(one, other);
  return distance <= allowed ? distance : undefined;
}
