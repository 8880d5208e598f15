/** The request headers as OpenAPI parameters, in the spelling that is sent. A test holds the names against the
 *  sender's. */
import vector from '../../test/vectors/seed-call-completed.json';
import { DEFAULT_TOLERANCE_SECONDS } from '../../contract/limits.ts';
import { VERSION } from '../../contract/version.ts';
import { BODY_SIGNATURE_PATTERN } from '../../signature/schemes.ts';

type Header = {
  readonly name: string;
  readonly in: 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly example: string;
};

function header(name: string, facts: Omit<Header, 'name' | 'in'>): Header {
  return { name, in: 'header', ...facts };
}

/** Component name → parameter. Headers that may be missing: the signatures, where an endpoint has no secret. */
export const HEADER_PARAMETERS: Readonly<Record<string, Header>> = {
  WebhookId: header('webhook-id', {
    required: true,
    description:
      'The same on every attempt and redelivery of this event to this URL: deduplicate by it. At most 64 characters.',
    schema: { type: 'string', minLength: 1, maxLength: 64 },
    example: vector['webhook-id'],
  }),
  WebhookTimestamp: header('webhook-timestamp', {
    required: true,
    description:
      'Time of this attempt in unix seconds. ' +
      `Refuse what is more than ${DEFAULT_TOLERANCE_SECONDS} seconds away from your clock.`,
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
    example: vector['webhook-timestamp'],
  }),
  WebhookSignature: header('webhook-signature', {
    required: false,
    description:
      'Standard Webhooks 1.0.0: `v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`, ' +
      'one per active secret, separated by spaces, the newest first; one valid signature is enough. ' +
      'Key: the base64 after `whsec_`, decoded. Missing if the endpoint has no secret, or one of another form.',
    schema: { type: 'string' },
    example: vector['webhook-signature'],
  }),
  TopCallsSignature: header('X-TopCalls-Signature', {
    required: false,
    description:
      'HMAC-SHA256 over the body, as 64 lower-case hex digits. ' +
      'Key: the whole current secret as UTF-8, `whsec_` included. ' +
      'It covers no time, so it alone does not stop replays. Missing if the endpoint has no secret.',
    schema: { type: 'string', pattern: BODY_SIGNATURE_PATTERN.source },
    example: vector['x-topcalls-signature'],
  }),
  TopCallsEvent: header('X-TopCalls-Event', {
    required: true,
    description: 'Name of the event, for routing before the body is parsed. Not signed: `event` in the body decides.',
    schema: { type: 'string' },
    example: 'call.completed',
  }),
  TopCallsAttempt: header('X-TopCalls-Attempt', {
    required: true,
    description: 'Number of this attempt, from 1; a redelivery starts again at 1.',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
    example: '1',
  }),
  UserAgent: header('User-Agent', {
    required: true,
    description: 'The sender and its version.',
    schema: { type: 'string', pattern: '^TopCalls-Webhooks/' },
    example: `TopCalls-Webhooks/${VERSION}`,
  }),
};
