/**
 * `verifyWebhook`, the one function a receiver needs: is this request ours, fresh and whole? Called in the customer's
 * HTTP handler with what the framework has. Every answer is a value; it never throws, whatever it is given, since the
 * vendor's sample turns a missing header into a 500. Must not import anything that is not plain: see receiver/index.ts.
 */
import { DEFAULT_TOLERANCE_SECONDS } from '../contract/limits.ts';
import { HEADERS } from '../contract/names.ts';
import { verifyBodySignature, verifyStandardSignature } from '../signature/verify.ts';
import { bodyBytes } from './body-bytes.ts';
import type { RawBody } from './body-bytes.ts';
import { eventOf, parsePayload } from './event-of.ts';
import type { ReceivedEventName, WebhookPayload } from './event-of.ts';
import { readSignatureHeaders } from './read-headers.ts';
import type { HeaderReading, SignatureHeaderReadings, WebhookHeaders } from './read-headers.ts';
import { rejected, rejectedHeader } from './rejections.ts';
import type { RejectedWebhook } from './rejections.ts';
import { verifyKeys } from './verify-keys.ts';
import type { VerifyKeys } from './verify-keys.ts';

/** How strict `verifyWebhook` is. */
export type VerifyOptions = {
  /** Default 300. Seconds a request may be older or newer than this server's clock; more widens the window for replays. */
  readonly toleranceSeconds?: number;
  /** Default false. Accept a request that has only `X-TopCalls-Signature`, for secrets not of the `whsec_` form. It has
   *  no signed id and no signed time, so anybody who once saw a request can replay it for ever. */
  readonly allowBodyOnlySignature?: boolean;
  /** Default `Date.now`. The clock, in milliseconds since 1970. */
  readonly now?: () => number;
};

type VerifiedBody = { readonly ok: true; readonly event: ReceivedEventName; readonly payload: WebhookPayload };

/** A request to process. `body-only` has no `id` and no `timestamp`: those headers were not signed, so deduplicate by
 *  what is in `payload`. */
export type VerifiedWebhook =
  | (VerifiedBody & {
      readonly scheme: 'standard';
      /** The same on every attempt and redelivery of this delivery: the key to deduplicate by. */
      readonly id: string;
      /** When this attempt was made, unix seconds. */
      readonly timestamp: number;
    })
  | (VerifiedBody & { readonly scheme: 'body-only'; readonly id?: never; readonly timestamp?: never });

/** What `verifyWebhook` answers. */
export type VerifyResult = VerifiedWebhook | RejectedWebhook;

/** Verifies one webhook request, over the body exactly as it came. Wants the timestamped Standard Webhooks headers; an
 *  `X-TopCalls-Signature` beside them must hold too. Several secrets are any-of, for the overlap of a rotation. Answers
 *  `{ ok: true, id, timestamp, event, payload, scheme }`, or `{ ok: false, code, fix }` where `fix` says what to change.
 *  Never throws.
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
    // Only a hostile or broken object comes here: a getter, a proxy, a clock that throws. What it threw is not looked
    // at, for that may throw again.
    return rejected('input_unreadable');
  }
}

type ReadOptions = { readonly toleranceSeconds: number; readonly nowSeconds: number; readonly bodyOnly: boolean };
type Checked =
  | RejectedWebhook
  | { readonly scheme: 'standard'; id: string; timestamp: number }
  | { scheme: 'body-only' };

function verify(rawBody: unknown, headers: unknown, secretOrSecrets: unknown, options: unknown): VerifyResult {
  const settings = readOptions(options);
  if (settings === undefined) return rejected('bad_option');
  const body = bodyBytes(rawBody);
  if (body === undefined) return rejected('body_not_raw');
  const readings = readSignatureHeaders(headers);
  if (readings === undefined) return rejected('headers_not_read');
  const keys = verifyKeys(secretOrSecrets);
  if ('ok' in keys) return keys;

  const checked =
    readings.signature.found === 'none' && settings.bodyOnly
      ? checkBodyOnly(readings, body, keys)
      : checkStandard(readings, body, keys, settings);
  if ('ok' in checked) return checked;

  const payload = parsePayload(body);
  if (payload === undefined) return rejected('body_not_json');
  const event = eventOf(payload);
  if (event === undefined) return rejected('event_missing');
  return { ok: true, ...checked, event, payload };
}

/** Undefined for options nobody can mean: a NaN tolerance or clock would make every age acceptable. */
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

  // Plain digits only: Number() would take '1e9', ' 5' and '0x10'. 15 digits stay exact.
  if (!/^[1-9]\d{0,14}$/.test(timestamp)) return rejected('timestamp_invalid');
  if (keys.standard.length === 0) return rejected('bad_secret');

  const verdict = verifyStandardSignature(signature, { id, timestamp, body }, keys.standard);
  if (verdict.outcome !== 'match') return rejectedHeader(`signature_${verdict.outcome}`, HEADERS.signature);
  const contradiction = bodySignatureContradiction(readings.bodySignature, body, keys, verdict.position);
  if (contradiction !== undefined) return contradiction;

  // Age last, so that "too old" always speaks of a genuine request: a clock or a replay, not a forgery.
  const ageSeconds = options.nowSeconds - Number(timestamp);
  if (ageSeconds > options.toleranceSeconds) return rejected('timestamp_too_old');
  if (-ageSeconds > options.toleranceSeconds) return rejected('timestamp_too_new');
  return { scheme: 'standard', id, timestamp: Number(timestamp) };
}

/** Where both schemes are present both must hold, with one case that cannot be judged: `X-TopCalls-Signature` is by the
 *  sender's current secret only. If ours matched a later value, the current one is a secret we do not hold yet, and
 *  insisting would refuse every delivery of a rotation until this receiver is redeployed. Nothing is lost by it: the
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

/** The header's one value, or why there is none. */
function only(reading: HeaderReading, header: string): string | RejectedWebhook {
  if (reading.found === 'one') return reading.value;
  return rejectedHeader(reading.found === 'none' ? 'missing_header' : 'duplicate_header', header);
}
