/**
 * Makes the signature headers of one attempt. The delivery activity calls it with secrets it has just looked up, so a
 * rotation takes effect inside a ladder. The vendor's own verifier and Standard Webhooks libraries accept the headers.
 */
import { SENT_HEADERS } from '../contract/headers.ts';
import { bodySignature, STANDARD_VERSION, standardSignature } from './schemes.ts';
import type { StandardMessage } from './schemes.ts';
import { bodyKey, EmptySecretError, standardKey } from './secret.ts';

/** What is signed, and with which secrets. */
export type SignatureRequest = {
  /** The same on every attempt and redelivery. */
  readonly webhookId: string;
  /** This attempt's time, whole unix seconds. */
  readonly timestampSeconds: number;
  /** The body exactly as it is sent. Its UTF-8 bytes are signed. */
  readonly body: string;
  /** `previous`: secrets that a rotation has not retired yet, newest first. */
  readonly secrets: { readonly current: string; readonly previous?: readonly string[] };
};

/** Headers in the spelling that is sent. `webhook-signature` is absent if the current secret is not `whsec_…`. */
export type SignatureHeaders = {
  readonly [SENT_HEADERS.legacySignature]: string;
  readonly [SENT_HEADERS.id]: string;
  readonly [SENT_HEADERS.timestamp]: string;
  readonly [SENT_HEADERS.signature]?: string;
};

/** The headers. `standard`: whether they have the timestamped scheme. If not, the caller logs a warning. */
export type SignedHeaders = { readonly headers: SignatureHeaders; readonly standard: boolean };

/** Signs one attempt. `X-TopCalls-Signature` has one value, made with the current secret: the vendor's verifier throws
 *  on any other length. `webhook-signature` has one `v1,<base64>` per active secret, the current one first. So a
 *  receiver may change its secret at any moment of a rotation. Throws EmptySecretError if the current secret is empty.
 *  Not called for an endpoint without a secret, whose requests are unsigned. */
export function signatureHeaders(request: SignatureRequest): SignedHeaders {
  const { current, previous = [] } = request.secrets;
  const key = bodyKey(current);
  if (key === undefined) throw new EmptySecretError();

  const timestamp = String(Math.floor(request.timestampSeconds));
  const unsigned = { [SENT_HEADERS.id]: request.webhookId, [SENT_HEADERS.timestamp]: timestamp };
  const headers = { [SENT_HEADERS.legacySignature]: bodySignature(key, request.body), ...unsigned };

  // If the current secret has another form, the previous secrets must not make the timestamped header alone. Receivers
  // would rely on a header that disappears when the rotation ends.
  if (standardKey(current) === undefined) return { headers, standard: false };

  const message = { id: request.webhookId, timestamp, body: request.body };
  return {
    headers: { ...headers, [SENT_HEADERS.signature]: standardSignatures([current, ...previous], message) },
    standard: true,
  };
}

/** One `v1,<base64>` per distinct secret of the standard form, in the given order. Other secrets are left out. */
function standardSignatures(secrets: readonly string[], message: StandardMessage): string {
  return [...new Set(secrets)]
    .map((secret) => standardKey(secret))
    .filter((key) => key !== undefined)
    .map((key) => `${STANDARD_VERSION},${standardSignature(key, message)}`)
    .join(' ');
}
