/**
 * What a receiver answers, code by code. The sender acts on the status: 2xx ends the delivery, anything else leads to
 * the next attempt. The body is for a developer: it holds the code and what to do about it.
 */
import type { RejectionCode } from './rejections.ts';

/** Stable code of an answer, for logs and alerts. */
export type AnswerCode =
  | 'handled'
  | 'duplicate'
  | 'ignored'
  | 'method_not_allowed'
  | 'body_empty'
  | 'body_too_large'
  | 'in_progress'
  | 'handler_failed'
  | 'handler_timeout'
  | 'store_unavailable'
  | RejectionCode;

/** An HTTP answer, in a form that any framework can send. */
export type ReceiverAnswer = {
  readonly status: number;
  /** Header names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text: `{ received, code, fix? }`. */
  readonly body: string;
  readonly code: AnswerCode;
};

// 401: the request is not proven to be ours. 400: it is ours, but its body is not an event of ours. 500: this server
// is set up wrongly; an alert shows that as the server's fault, and the sender tries again meanwhile. 503: try again
// later.
const STATUS: Readonly<Record<AnswerCode, number>> = {
  handled: 200,
  duplicate: 200,
  ignored: 200,
  method_not_allowed: 405,
  body_empty: 400,
  body_too_large: 413,
  in_progress: 503,
  handler_failed: 500,
  handler_timeout: 503,
  store_unavailable: 503,
  body_not_raw: 500,
  headers_not_read: 500,
  missing_secret: 500,
  bad_secret: 500,
  bad_option: 500,
  input_unreadable: 500,
  missing_header: 401,
  duplicate_header: 401,
  signature_malformed: 401,
  signature_mismatch: 401,
  timestamp_invalid: 401,
  timestamp_too_old: 401,
  timestamp_too_new: 401,
  body_not_json: 400,
  event_missing: 400,
};

const FIXES: Readonly<Partial<Record<AnswerCode, string>>> = {
  method_not_allowed: 'Send POST: webhooks come by no other method.',
  body_empty: 'Send a body: webhooks are JSON objects.',
  body_too_large: 'Raise maxBodyBytes of receive() if the sender is the right one.',
  in_progress: 'Another copy of this webhook is being handled: nothing to do, the sender tries again.',
  handler_failed: 'The handler threw: see its error in the log of this server; the sender tries again.',
  handler_timeout: 'Have the handler store the event and return; do slow work afterwards.',
  store_unavailable: 'The store of seen events did not answer: see its error in the log of this server.',
};

/** What to do about `code`, for codes that are not rejections of `verifyWebhook`. Undefined when nothing needs
 *  doing. */
export function fixFor(code: AnswerCode): string | undefined {
  return FIXES[code];
}

/** The answer for `code`. `retryAfterSeconds` becomes the `Retry-After` of a 503. */
export function answerFor(code: AnswerCode, fix: string | undefined, retryAfterSeconds: number): ReceiverAnswer {
  const status = STATUS[code];
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
      ...(status === 405 ? { allow: 'POST' } : {}),
    },
    // JSON.stringify leaves out a fix that is undefined.
    body: JSON.stringify({ received: status === 200, code, fix }),
    code,
  };
}
