/** The keys a receiver checks with: of every secret it holds, for each of the two schemes. */
import { bodyKey, standardKey } from '../signature/secret.ts';
import { rejected } from './rejections.ts';
import type { RejectedWebhook } from './rejections.ts';

/** Keys of both schemes. `standard` is shorter where some secrets are not of the `whsec_` form, and may be empty. */
export type VerifyKeys = { readonly standard: readonly Buffer[]; readonly body: readonly Buffer[] };

/** Keys of one secret or several. Empty and missing entries are passed over, so that
 *  `[process.env.SECRET, process.env.OLD_SECRET]` works outside of a rotation too; with nothing left it is refused. */
export function verifyKeys(secretOrSecrets: unknown): VerifyKeys | RejectedWebhook {
  const given: readonly unknown[] = Array.isArray(secretOrSecrets) ? secretOrSecrets : [secretOrSecrets];
  const secrets = given.filter((secret) => secret !== undefined && secret !== null && secret !== '');
  if (secrets.length === 0) return rejected('missing_secret');
  if (!secrets.every((secret) => typeof secret === 'string')) return rejected('bad_secret');
  return {
    standard: secrets.map((secret) => standardKey(secret)).filter((key) => key !== undefined),
    body: secrets.map((secret) => bodyKey(secret)).filter((key) => key !== undefined),
  };
}
