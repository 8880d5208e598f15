/** Makes the headers of one attempt. The secrets are looked up for each attempt, so a rotation takes effect inside a
 *  ladder. */
import { unsignedHeaders } from '../contract/request-headers.ts';
import type { DeliverInput } from '../contract/run-messages.ts';
import { signatureHeaders } from '../signature/sign.ts';
import type { ActivityLog } from './activity-log.ts';
import type { AttemptResult } from './http/verdict.ts';
import { lookUpSecrets } from './look-up-secrets.ts';
import type { SecretSet, SigningSecrets } from './ports/signing-secrets.ts';

export type AttemptHeaders =
  /** `at(nowMs)` signs for that time. */
  | { readonly ok: true; readonly at: (nowMs: number) => Readonly<Record<string, string>> }
  /** Nothing can be sent. `refused`: the settings refuse the endpoint, or the reference is wrong. `not_sent`: our own
   *  fault, which spends no attempt. */
  | { readonly ok: false; readonly result: AttemptResult };

/** Looks up the endpoint's secret and signs the body. An endpoint without a reference gets an unsigned request, and
 *  the log a warning. Never throws. */
export async function attemptHeaders(
  secrets: SigningSecrets,
  input: DeliverInput,
  attempt: number,
  say: ActivityLog,
): Promise<AttemptHeaders> {
  const { endpointId, host, secretRef, refusal } = input.endpoint;
  if (refusal !== undefined) return nothingSent('refused', refusal);
  if (secretRef === undefined) {
    say.warn('webhook.unsigned', {
      endpointId,
      host,
      fix: 'give the endpoint a secret_ref, or the call an account_id',
    });
    return { ok: true, at: (nowMs) => headersOf(input, attempt, secondsOf(nowMs)) };
  }
  const found = await lookUpSecrets(secrets, secretRef);
  if (found.is !== 'found') {
    const { code } = found;
    if (found.is === 'refused') say.error('webhook.no_secret', { endpointId, host, code });
    else say.error('webhook.secret_store_down', { endpointId, host, code, ...found.facts, fix: STORE_FIX });
    return nothingSent(found.is, code);
  }
  return { ok: true, at: (nowMs) => signedHeaders(input, attempt, secondsOf(nowMs), found.secrets, say) };
}

function nothingSent(outcome: 'refused' | 'not_sent', code: string): AttemptHeaders {
  return { ok: false, result: { outcome, code, responseBytes: 0, durationMs: 0 } };
}

const STORE_FIX =
  'forEndpoint must answer { current, previous } or undefined within 5 s; no attempt is spent meanwhile';

function headersOf(input: DeliverInput, number: number, timestampSeconds: number) {
  return unsignedHeaders({
    webhookId: input.endpoint.webhookId,
    event: input.subject.event,
    number,
    timestampSeconds,
  });
}

function signedHeaders(
  input: DeliverInput,
  attempt: number,
  timestampSeconds: number,
  secrets: SecretSet,
  say: ActivityLog,
): Readonly<Record<string, string>> {
  const { endpointId, host, webhookId } = input.endpoint;
  const signed = signatureHeaders({ webhookId, timestampSeconds, body: input.body, secrets });
  if (!signed.standard) {
    const fix =
      'only X-TopCalls-Signature was sent; webhook-signature needs a secret whsec_ + base64 of 24 to 64 bytes';
    say.warn('webhook.signed_by_legacy_header_only', { endpointId, host, fix });
  }
  return { ...headersOf(input, attempt, timestampSeconds), ...signed.headers };
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1_000);
}
