/**
 * The signature headers of one attempt. Called by the delivery activity with secrets it has just resolved, so a rotation
 * takes effect inside a ladder. Promises headers that the vendor's own verifier and Standard Webhooks libraries accept.
 */
import { SENT_HEADERS } from '../contract/names.ts';
import { bodySignature, STANDARD_VERSION, standardSignature } from './schemes.ts';
import type { StandardMessage } from './schemes.ts';
import { bodyKey, EmptySecretError, standardKey } from './secret.ts';

/** What is signed, and with what. */
export type SignatureRequest = {
  /** The same on every attempt and redelivery. */
  readonly webhookId: string;
  /** This attempt's time, whole unix seconds. */
  readonly timestampSeconds: number;
  /** The body exactly as it is sent; signed as UTF-8. */
  readonly body: string;
  /** `previous` are the secrets a rotation has not retired yet, newest first. */
  readonly secrets: { readonly current: string; readonly previous?: readonly string[] };
};

/** Headers in the spelling that is sent; `webhook-signature` is absent where the current secret is not `whsec_…`. */
export type SignatureHeaders = {
  readonly [SENT_HEADERS.legacySignature]: string;
  readonly [SENT_HEADERS.id]: string;
  readonly [SENT_HEADERS.timestamp]: string;
  readonly [SENT_HEADERS.signature]?: string;
};

/** Headers, and whether the timestamped scheme is among them. Where `standard` is false the caller says so loudly. */
export type SignedHeaders = { readonly headers: SignatureHeaders; readonly standard: boolean };

/** Signs one attempt. `X-TopCalls-Signature` is one value, by the current secret: the vendor's verifier throws on any
 *  other length. `webhook-signature` has one `v1,<base64>` per active secret, current first, so that a receiver may
 *  change its secret at any moment of a rotation. Throws EmptySecretError where the current secret is empty; with no
 *  secret at all a delivery is unsigned and this is not called. */
export function signatureHeaders(request: SignatureRequest): SignedHeaders {
  const { current, previous = [] } = request.secrets;
  const key = bodyKey(current);
  if (key === undefined) throw new EmptySecretError();

  const timestamp = String(Math.floor(request.timestampSeconds));
  const unsigned = { [SENT_HEADERS.id]: request.webhookId, [SENT_HEADERS.timestamp]: timestamp };
  const headers = { [SENT_HEADERS.legacySignature]: bodySignature(key, request.body), ...unsigned };

  // With a current secret of another form the previous ones must not carry the timestamped scheme alone: receivers
  // would come to rely on a header that disappears when the rotation ends.
  if (standardKey(current) === undefined) return { headers, standard: false };

  const message = { id: request.webhookId, timestamp, body: request.body };
  return {
    headers: { ...headers, [SENT_HEADERS.signature]: standardSignatures([current, ...previous], message) },
    standard: true,
  };
}

/** One `v1,<base64>` per distinct secret of the standard form, in the order given; others are left out. */
function standardSignatures(secrets: readonly string[], message: StandardMessage): string {
  return [...new Set(secrets)]
    .map((secret) => standardKey(secret))
    .filter((key) => key !== undefined)
    .map((key) => `${STANDARD_VERSION},${standardSignature(key, message)}`)
    .join(' ');
}
