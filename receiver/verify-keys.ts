/** The keys a receiver verifies with: one per secret and scheme. */
import { bodyKey, standardKey } from '../signature/secret.ts';
import { rejected } from './rejections.ts';
import type { RejectedWebhook } from './rejections.ts';

/** Keys of both schemes. A secret that is not of the `whsec_` form has no `standard` key, so that list may be
 *  empty. */
export type VerifyKeys = { readonly standard: readonly Buffer[]; readonly body: readonly Buffer[] };

/** The keys of one secret or several. Empty and missing entries are skipped, so that
 *  `[process.env.SECRET, process.env.OLD_SECRET]` also works when no rotation is running. No entry left:
 *  `missing_secret`. */
export function verifyKeys(secretOrSecrets: unknown): VerifyKeys | RejectedWebhook {
  const given: readonly unknown[] = Array.isArray(secretOrSecrets) ? secretOrSecrets : [secretOrSecrets];
  const secrets = given.filter(isPresent);
  if (secrets.length === 0) return rejected('missing_secret');
  if (!secrets.every((secret) => typeof secret === 'string')) return rejected('bad_secret');
  return {
    standard: secrets.map((secret) => standardKey(secret)).filter((key) => key !== undefined),
    body: secrets.map((secret) => bodyKey(secret)).filter((key) => key !== undefined),
  };
}

/** Whether an entry is there at all; `[process.env.SECRET, process.env.OLD_SECRET]` has one that is not. */
export function isPresent(secret: unknown): boolean {
  return secret !== undefined && secret !== null && secret !== '';
}
