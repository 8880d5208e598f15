/** Looks at the secrets when a receiver is made. A wrong one refuses every webhook, which should be seen before one
 *  comes. */
import { standardKey } from '../signature/secret.ts';
import { rejected } from './rejections.ts';
import type { RejectionCode } from './rejections.ts';
import { isPresent } from './verify-keys.ts';

/** What is wrong, for a log line. Never a secret. */
export type SecretProblem = { readonly code: RejectionCode; readonly fix: string };

/** The first problem of `secrets`, the list that `verifyWebhook` gets; undefined if all can be used. */
export function secretProblem(secrets: readonly unknown[], allowBodyOnlySignature: boolean): SecretProblem | undefined {
  if (!secrets.some(isPresent)) return rejected('missing_secret');
  const position = secrets.findIndex((secret) => isPresent(secret) && !isUsable(secret, allowBodyOnlySignature));
  if (position === -1) return undefined;
  const { code, fix } = rejected('bad_secret');
  return { code, fix: `Secret ${position + 1} of ${secrets.length}${blanksIn(secrets[position])}. ${fix}` };
}

function isUsable(secret: unknown, allowBodyOnlySignature: boolean): boolean {
  return typeof secret === 'string' && (allowBodyOnlySignature || standardKey(secret) !== undefined);
}

/** The usual mistake: a secret from a file or a variable with its line break. */
function blanksIn(secret: unknown): string {
  if (typeof secret !== 'string') return ` is of type ${typeof secret}`;
  return secret.trim() === secret ? ' cannot be used' : ' has a blank or line break around it';
}
