/** Reads the account of a call or campaign. Its id names the signing secret of endpoints that have no `secret_ref`. So
 *  an id that came but cannot be used must not make their webhooks go unsigned. Pure. */
import type { EndpointRefusal } from '../endpoints.ts';
import { looksLikeSecret } from '../secret-reference.ts';
import type { RepairList } from './repair-list.ts';
import { optionalIdOf } from './texts.ts';

/** The account's id, null if there is none, and why the endpoints that need it end refused. */
export type ReadAccount = { readonly id: string | null; readonly refusal?: EndpointRefusal };

/** Reads `account_id`. A secret is never kept: ids stand in search attributes, logs and bodies. */
export function accountOf(value: unknown, list: RepairList): ReadAccount {
  if (value === null || value === '') return { id: null };
  // A getter that threw has been told.
  if (value === undefined) return list.hasTold('account_id') ? REFUSED : { id: null };
  const refused = 'endpoints without a secret_ref end refused';
  if (typeof value === 'string' && looksLikeSecret(value)) {
    list.repaired('account_id', `is a secret: null is sent, and ${refused}; pass the account's id, replace the secret`);
    return { id: null, refusal: 'secret_in_reference' };
  }
  const id = optionalIdOf(value, 'account_id', list, refused);
  return id === null ? REFUSED : { id };
}

const REFUSED: ReadAccount = { id: null, refusal: 'secret_ref_invalid' };
