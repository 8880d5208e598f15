/**
 * `verifyWebhook`, the one function a receiver needs: does this request come from us, is it recent, is it unchanged?
 * The customer's HTTP handler calls it with what its framework has. Every answer is a value. It never throws, for the
 * vendor's sample throws on a missing header, which becomes a 500. It must import nothing that receiver/index.ts may
 * not load.
 */
import { DEFAULT_TOLERANCE_SECONDS } from '../contract/limits.ts';
import { HEADERS } from '../contract/headers.ts';
import { verifyBodySignature, verifyStandardSignature } from '../signature/verify.ts';
import { bodyBytes } from './body-bytes.ts';
import type { RawBody } from './body-bytes.ts';
import { eventOf, parsePayload } from './event-of.ts';
import type { ReceivedEventName, WebhookPayload } from './event-of.ts';
import { mismatchCause } from './mismatch-cause.ts';
import { readSignatureHeaders } from './read-headers.ts';
import type { HeaderReading, SignatureHeaderReadings, WebhookHeaders } from './read-headers.ts';
import { rejected, rejectedHeader, rejectedOption } from './rejections.ts';
import type { RejectedWebhook } from './rejections.ts';
import { verifyKeys } from './verify-keys.ts';
import type { VerifyKeys } from './verify-keys.ts';

/** How strict `verifyWebhook` is. */
export type VerifyOptions = {
  /** How many seconds a request may be older or newer than this server's clock. Default 300. A larger value gives an
   *  attacker more time to send a captured request again. */
  readonly toleranceSeconds?: number;
  /** Accept a request that has only `X-TopCalls-Signature`; needed for secrets that are not of the `whsec_` form.
   *  Default false: such a request has no signed id and no signed time, so anybody who saw it can send it again at any
   *  time. */
  readonly allowBodyOnlySignature?: boolean;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
};

type VerifiedBody = { readonly ok: true; readonly event: ReceivedEventName; readonly payload: WebhookPayload };

/** A request to process. With `body-only` there is no `id` and no `timestamp`, because those headers were not signed.
 *  Deduplicate by what is in `payload` then. */
export type VerifiedWebhook =
  | (VerifiedBody & {
      readonly scheme: 'standard';
      /** The same on every attempt and redelivery of this delivery: the key to deduplicate by. */
      readonly id: string;
      /** When this attempt was made, in unix seconds. */
      readonly timestamp: number;
    })
  | (VerifiedBody & { readonly scheme: 'body-only'; readonly id?: never; readonly timestamp?: never });

/** The answer of `verifyWebhook`. */
export type VerifyResult = VerifiedWebhook | RejectedWebhook;

/** Verifies one webhook request. `rawBody` must be the body exactly as received. The timestamped Standard Webhooks
 *  headers are required; an `X-TopCalls-Signature` beside them must be valid, too. With several secrets, any may
 *  match: that serves the overlap of a rotation. Answers `{ ok: true, id, timestamp, event, payload, scheme }`, or
 *  `{ ok: false, code, fix }` where `fix` says what to change. Never throws.
 *  @example
 *  app.post('/webhooks', express.raw({ type: 'application/json' }), (req, res) => {
 *    const webhook = verifyWebhook(req.body, req.headers, process.env.WEBHOOK_SECRET ?? '');
 *    if (!webhook.ok) { console.warn(webhook.code, webhook.fix); return res.sendStatus(401); }
 *    res.sendStatus(200);
 *  }); */
export function verifyWebhook(
  rawBody: RawBody,
  headers: WebhookHeaders,
  secretOrSecrets: string | readonly string[],
  options: VerifyOptions = {},
): VerifyResult {
  try {
    return verify(rawBody, headers, secretOrSecrets, options);
  } catch {
    // Only a hostile or broken object gets here: a getter, a proxy or a clock that throws. Its error is not read, for
    // reading it may throw again.
    return rejected('input_unreadable');
  }
}

type ReadOptions = { readonly toleranceSeconds: number; readonly nowSeconds: number; readonly bodyOnly: boolean };
type Checked =
  | RejectedWebhook
  | { readonly scheme: 'standard'; id: string; timestamp: number }
  | { scheme: 'body-only' };

function verify(rawBody: unknown, headers: unknown, secretOrSecrets: unknown, options: unknown): VerifyResult {
  const unknown = Object.keys(options ?? {}).find((name) => !OPTIONS.has(name));
  if (unknown !== undefined) return rejectedOption(unknown, [...OPTIONS]);
  const settings = readOptions(options);
  if (settings === undefined) return rejected('bad_option');
  const body = bodyBytes(rawBody);
  if (body === undefined) return rejected('body_not_raw');
  const readings = readSignatureHeaders(headers);
  if (readings === undefined) return rejected('headers_not_read');
  const keys = verifyKeys(secretOrSecrets);
  if ('ok' in keys) return keys;

  const check = (bytes: Buffer): Checked =>
    readings.signature.found === 'none' && settings.bodyOnly
      ? checkBodyOnly(readings, bytes, keys)
      : checkStandard(readings, bytes, keys, settings);
  const checked = check(body);
  if ('ok' in checked) {
    if (checked.code !== 'signature_mismatch') return checked;
    const cause = mismatchCause(body, headers, (bytes) => signatureHolds(check(bytes)));
    return cause === undefined ? checked : { ...checked, fix: `The signature does not match. ${cause}` };
  }

  const payload = parsePayload(body);
  if (payload === undefined) return rejected('body_not_json');
  const event = eventOf(payload);
  if (event === undefined) return rejected('event_missing');
  return { ok: true, ...checked, event, payload };
}

/** A misspelt option would leave its default in place: `{ tolerance: 10 }` would accept 300 s. */
const OPTIONS: ReadonlySet<string> = new Set<keyof VerifyOptions>([
  'toleranceSeconds',
  'allowBodyOnlySignature',
  'now',
]);

/** Undefined for impossible options. A tolerance or a clock of NaN would accept any age. */
function readOptions(options: unknown): ReadOptions | undefined {
  const given: { readonly [Key in keyof VerifyOptions]?: unknown } = options ?? {};
  const { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now = Date.now, allowBodyOnlySignature } = given;
  if (typeof toleranceSeconds !== 'number' || !Number.isFinite(toleranceSeconds) || toleranceSeconds < 0) {
    return undefined;
  }
  const nowMs: unknown = typeof now === 'function' ? now() : undefined;
  if (typeof nowMs !== 'number' || !Number.isFinite(nowMs)) return undefined;
  // Only true opens the weaker scheme: 'false' from an environment variable must not.
  return { toleranceSeconds, nowSeconds: Math.floor(nowMs / 1000), bodyOnly: allowBodyOnlySignature === true };
}

/** Whether the signature itself was right, be the request accepted or too old. */
function signatureHolds(checked: Checked): boolean {
  return !('ok' in checked) || checked.code === 'timestamp_too_old' || checked.code === 'timestamp_too_new';
}

function checkBodyOnly({ bodySignature }: SignatureHeaderReadings, body: Buffer, keys: VerifyKeys): Checked {
  const value = only(bodySignature, HEADERS.legacySignature);
  if (typeof value !== 'string') return value;
  const verdict = verifyBodySignature(value, body, keys.body);
  return verdict === 'match'
    ? { scheme: 'body-only' }
    : rejectedHeader(`signature_${verdict}`, HEADERS.legacySignature);
}

function checkStandard(
  readings: SignatureHeaderReadings,
  body: Buffer,
  keys: VerifyKeys,
  options: ReadOptions,
): Checked {
  const signature = only(readings.signature, HEADERS.signature);
  if (typeof signature !== 'string') return signature;
  const id = only(readings.id, HEADERS.id);
  if (typeof id !== 'string') return id;
  const timestamp = only(readings.timestamp, HEADERS.timestamp);
  if (typeof timestamp !== 'string') return timestamp;

  // Plain digits only: Number() would accept '1e9', ' 5' and '0x10'. Up to 15 digits stay exact.
  if (!/^[1-9]\d{0,14}$/.test(timestamp)) return rejected('timestamp_invalid');
  if (keys.standard.length === 0) return rejected('bad_secret');

  const verdict = verifyStandardSignature(signature, { id, timestamp, body }, keys.standard);
  if (verdict.outcome !== 'match') return rejectedHeader(`signature_${verdict.outcome}`, HEADERS.signature);
  const contradiction = bodySignatureContradiction(readings.bodySignature, body, keys, verdict.position);
  if (contradiction !== undefined) return contradiction;

  // The age is checked last. So "too old" always means a genuine request: a wrong clock or a replay, not a forgery.
  const ageSeconds = options.nowSeconds - Number(timestamp);
  if (ageSeconds > options.toleranceSeconds) return rejected('timestamp_too_old');
  if (-ageSeconds > options.toleranceSeconds) return rejected('timestamp_too_new');
  return { scheme: 'standard', id, timestamp: Number(timestamp) };
}

/** If both schemes are present, both must hold. One case cannot be judged: `X-TopCalls-Signature` is made with the
 *  sender's current secret only. If our secret matched a later value, we do not hold the current secret yet. Refusing
 *  then would refuse every delivery of a rotation until this receiver is redeployed. Accepting is safe: the
 *  timestamped signature that did match covers the same bytes. */
function bodySignatureContradiction(
  reading: HeaderReading,
  body: Buffer,
  keys: VerifyKeys,
  standardPosition: number,
): RejectedWebhook | undefined {
  if (reading.found === 'none') return undefined;
  const value = only(reading, HEADERS.legacySignature);
  if (typeof value !== 'string') return value;
  const verdict = verifyBodySignature(value, body, keys.body);
  const isByUnknownSecret = verdict === 'mismatch' && standardPosition > 0;
  return verdict === 'match' || isByUnknownSecret
    ? undefined
    : rejectedHeader(`signature_${verdict}`, HEADERS.legacySignature);
}

/** The single value of the header, or the rejection that says why there is no single value. */
function only(reading: HeaderReading, header: string): string | RejectedWebhook {
  if (reading.found === 'one') return reading.value;
  return rejectedHeader(reading.found === 'none' ? 'missing_header' : 'duplicate_header', header);
}
