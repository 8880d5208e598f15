/** Makes the headers of one attempt. The secrets are looked up for each attempt, so a rotation takes effect inside a
 *  ladder. */
import { SENT_HEADERS } from '../contract/headers.ts';
import type { DeliverInput } from '../contract/run-messages.ts';
import { VERSION } from '../contract/version.ts';
import { signatureHeaders } from '../signature/sign.ts';
import type { ActivityLog } from './activity-log.ts';
import type { AttemptResult } from './http/verdict.ts';
import type { SecretSet, SigningSecrets } from './ports/signing-secrets.ts';
import { errorFacts } from './port-error.ts';
import { within } from './within.ts';

/** A secret store slower than this counts as down. */
const SECRETS_DEADLINE_MS = 5_000;

export type AttemptHeaders =
  /** `at(nowMs)` signs for that time. */
  | { readonly ok: true; readonly at: (nowMs: number) => Readonly<Record<string, string>> }
  /** Nothing can be sent. `refused`: the settings refuse the endpoint, or the reference is wrong. `not_sent`: the secret store is down; retried. */
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
  if (refusal !== undefined) return { ok: false, ...nothingSent('refused', refusal) };
  if (secretRef === undefined) {
    say.warn('webhook.unsigned', {
      endpointId,
      host,
      fix: 'give the endpoint a secret_ref, or the call an account_id',
    });
    return { ok: true, at: (nowMs) => unsignedHeaders(input, attempt, secondsOf(nowMs)) };
  }
  const found = await lookUp(secrets, secretRef, say);
  if ('result' in found) {
    say.error('webhook.no_secret', { endpointId, host, code: found.result.code });
    return { ok: false, result: found.result };
  }
  return { ok: true, at: (nowMs) => signedHeaders(input, attempt, secondsOf(nowMs), found.secrets, say) };
}

function unsignedHeaders(input: DeliverInput, attempt: number, timestampSeconds: number) {
  return {
    'Content-Type': 'application/json',
    // Web application firewalls block requests without it.
    Accept: '*/*',
    'User-Agent': `TopCalls-Webhooks/${VERSION}`,
    [SENT_HEADERS.id]: input.endpoint.webhookId,
    [SENT_HEADERS.timestamp]: String(timestampSeconds),
    [SENT_HEADERS.event]: input.subject.event,
    [SENT_HEADERS.attempt]: String(attempt),
  };
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
  return { ...unsignedHeaders(input, attempt, timestampSeconds), ...signed.headers };
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

async function lookUp(
  secrets: SigningSecrets,
  ref: string,
  say: ActivityLog,
): Promise<{ secrets: SecretSet } | { result: AttemptResult }> {
  try {
    const found = await within('the secret store', SECRETS_DEADLINE_MS, () => secrets.forEndpoint(ref));
    if (found === undefined || found === null) return nothingSent('refused', 'secret_unknown');
    if (typeof found.current !== 'string' || found.current === '') return nothingSent('refused', 'secret_empty');
    return { secrets: { current: found.current, previous: filledTexts(found.previous) } };
  } catch (error) {
    say.warn('webhook.secret_store_down', errorFacts(error));
    return nothingSent('not_sent', 'secret_store_down');
  }
}

/** Each one adds a signature of 47 characters to a header, and a rotation needs one or two. The newest come first. */
const MAX_PREVIOUS_SECRETS = 9;

/** The filled texts among `previous`. A host's store may return anything; a bad entry must not stop the current
 *  secret. */
function filledTexts(previous: unknown): string[] {
  return Array.isArray(previous)
    ? previous
        .filter((secret): secret is string => typeof secret === 'string' && secret !== '')
        .slice(0, MAX_PREVIOUS_SECRETS)
    : [];
}

function nothingSent(outcome: 'refused' | 'not_sent', code: string): { result: AttemptResult } {
  return { result: { outcome, code, responseBytes: 0, durationMs: 0 } };
}
