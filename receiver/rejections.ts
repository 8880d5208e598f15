/**
 * Why a request was not accepted, and what a developer does about it. A sentence or two each, for the person who reads
 * the log of a receiver. No sentence holds a value of the request or a secret.
 */
import { HEADERS } from '../contract/headers.ts';
import { oneLine } from '../contract/shown-text.ts';

const FIXES = {
  body_not_raw:
    "Pass the body's bytes or text as received, before any parser. " +
    "On this route use express.raw({ type: 'application/json' }) or express.text({ type: 'application/json' }); " +
    'in a Fetch handler use await request.text().',
  headers_not_read: "Pass the request's headers: req.headers in node and Express, request.headers in a Fetch handler.",
  missing_secret:
    'Pass the signing secret of this endpoint: it is empty or undefined, so check the variable it comes from.',
  bad_secret:
    'Pass the secret exactly as issued: whsec_ and padded base64 of 24 to 64 bytes, with no blank or line break. ' +
    `A secret of another form makes ${HEADERS.legacySignature} only and needs allowBodyOnlySignature: true.`,
  bad_option: 'Give toleranceSeconds as a finite number from 0 up, and now as a function like Date.now.',
  timestamp_invalid: `Pass ${HEADERS.timestamp} as received: it is a whole number of unix seconds.`,
  timestamp_too_old:
    "The signature holds but the request is older than toleranceSeconds. Synchronise this server's clock (NTP). " +
    'If the clock is right, this is a replay: go on answering 401.',
  timestamp_too_new:
    'The signature holds but the request is dated further ahead than toleranceSeconds. ' +
    "Synchronise this server's clock (NTP).",
  body_not_json:
    'The signature holds but the body is not a JSON object. ' +
    'Look for another sender that uses this secret, and give this endpoint its own.',
  event_missing:
    'The signature holds but the body names no event and no ended call. ' +
    'Look for another sender that uses this secret, and give this endpoint its own.',
  input_unreadable: 'Reading the body, headers, secret or options threw: pass plain values, not proxies or getters.',
} as const;

const HEADER_FIXES = {
  missing_header: (header: string) =>
    `${header} is missing: pass all headers as received and let no proxy strip them.${
      header === HEADERS.signature
        ? ' If your secret does not start with whsec_, set allowBodyOnlySignature: true.'
        : ''
    }`,
  duplicate_header: (header: string) =>
    `${header} came more than once: pass it once, as received, and look for a proxy that adds headers.`,
  signature_malformed: (header: string) =>
    header === HEADERS.signature
      ? `Pass ${header} as received: it is a space-separated list of v1,<base64 of 32 bytes>.`
      : `Pass ${header} as received: it is exactly 64 lower-case hex digits.`,
  signature_mismatch: (header: string) =>
    `${header} was made with another secret or over other bytes. ` +
    "Use this endpoint's whole secret, and the body as received, not parsed and stringified again.",
} as const;

/** Codes about one header; `fix` names that header. */
export type HeaderRejectionCode = keyof typeof HEADER_FIXES;

/** Stable code of a rejection, for logs, alerts and branches. */
export type RejectionCode = keyof typeof FIXES | HeaderRejectionCode;

/** A request that must not be processed. `fix` is a sentence or two for a developer. It holds no value of the
 *  request and no secret, so it may be logged and sent as the answer. */
export type RejectedWebhook = { readonly ok: false; readonly code: RejectionCode; readonly fix: string };

/** The rejection with this code, and its sentence. */
export function rejected(code: keyof typeof FIXES): RejectedWebhook {
  return { ok: false, code, fix: FIXES[code] };
}

/** The rejection with this code for `header`, one of `HEADERS`. */
export function rejectedHeader(code: HeaderRejectionCode, header: string): RejectedWebhook {
  return { ok: false, code, fix: HEADER_FIXES[code](header) };
}

/** The rejection of an option that `verifyWebhook` does not have. The name is the developer's, and no value. */
export function rejectedOption(name: string, known: readonly string[]): RejectedWebhook {
  const shown = oneLine(JSON.stringify(name.slice(0, MAX_NAME)));
  return { ok: false, code: 'bad_option', fix: `verifyWebhook has no option ${shown}; it has ${known.join(', ')}.` };
}

/** Characters of a name that are shown. */
const MAX_NAME = 40;
