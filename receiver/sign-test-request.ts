/**
 * Makes requests as our sender does, for a receiver's own tests. A handler in a test then sees what it will see in
 * production, without Temporal or an account. The sender itself never calls this.
 */
import { HEADERS } from '../contract/headers.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import { signatureHeaders } from '../signature/sign.ts';

/** What may differ from a first attempt that is made now. */
export type TestRequestOptions = {
  /** The `webhook-id`. Default: a new one each time. Pass the same id twice to test deduplication. */
  readonly id?: string;
  /** When it was signed. Default now. An old time tests the tolerance. */
  readonly at?: Date;
  /** The `X-TopCalls-Attempt`. Default 1. */
  readonly attempt?: number;
  /** Older secrets that a rotation has not retired yet, newest first. Default none. */
  readonly previous?: readonly string[];
};

/** The body and the headers to POST. */
export type TestRequest = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

/** Signs an event for a test. `event` is an event body, see docs/payload.md and the published samples; a string is
 *  sent as it is. Throws `EmptySecretError` for an empty secret, TypeError for a missing one and for an option that
 *  does not exist.
 *  const { body, headers } = signTestRequest({ event: 'call.completed', call_id: 'c1' }, secret); */
export function signTestRequest(event: string | object, secret: string, options: TestRequestOptions = {}): TestRequest {
  checkOptionNames('signTestRequest', options, ['id', 'at', 'attempt', 'previous']);
  const { id = newId(), at = new Date(), attempt = 1, previous = [] } = options;
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
    // Ignored: some tests send a body that is not JSON.
  }
  return 'webhook.test';
}
