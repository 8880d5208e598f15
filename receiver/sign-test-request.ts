/**
 * Requests as our sender makes them, for a receiver's own tests: with this, `handler(request)` in a test sees what it will see
 * in life, without Temporal or an account. Never called by the sender itself.
 */
import { HEADERS } from '../contract/names.ts';
import { signatureHeaders } from '../signature/sign.ts';

/** What may differ from a first attempt made now. */
export type TestRequestOptions = {
  /** `webhook-id`. Default: a new one each time; give the same to test deduplication. */
  readonly id?: string;
  /** When it was signed. Default now; an old one tests the tolerance. */
  readonly at?: Date;
  /** `X-TopCalls-Attempt`. Default 1. */
  readonly attempt?: number;
  /** Secrets that a rotation has not retired yet. Default none. */
  readonly previous?: readonly string[];
};

/** Body and headers to POST. */
export type TestRequest = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

/** Signs an event for a test. `event`: an event body, see docs/payload.md and the published samples; a string goes as it is.
 *  Throws `EmptySecretError`; TypeError for a secret that is not there.
 *  const { body, headers } = signTestRequest({ event: 'call.completed', call_id: 'c1' }, secret); */
export function signTestRequest(
  event: string | object,
  secret: string,
  { id = newId(), at = new Date(), attempt = 1, previous = [] }: TestRequestOptions = {},
): TestRequest {
  if (typeof secret !== 'string')
    throw new TypeError('signTestRequest: the second argument must be the signing secret');
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const { headers } = signatureHeaders({
    webhookId: id,
    timestampSeconds: Math.floor(at.getTime() / 1_000),
    body,
    secrets: { current: secret, previous },
  });
  return {
    body,
    headers: {
      'content-type': 'application/json',
      ...headers,
      [HEADERS.event]: eventNameIn(body),
      [HEADERS.attempt]: String(attempt),
    },
  };
}

function newId(): string {
  return `msg_test${globalThis.crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`;
}

function eventNameIn(body: string): string {
  try {
    const { event } = JSON.parse(body) as { event?: unknown };
    if (typeof event === 'string') return event;
  } catch {
    // A body that is no JSON is what some test wants to send.
  }
  return 'webhook.test';
}
