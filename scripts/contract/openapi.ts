/**
 * The OpenAPI 3.1 document: one webhook per event with its headers, its body and what each answer leads to. Pure.
 * Words on behaviour follow docs/signature.md and docs/how-a-call-flows.md; numbers come from contract/.
 */
import type { EventName } from '../../contract/index.ts';
import { MAX_RETRY_AFTER_MS, RECEIVER_BODY_LIMIT_BYTES } from '../../contract/limits.ts';
import { HEADERS_DEADLINE_MS, MAX_RESPONSE_BYTES } from '../../activities/http/attempt-bounds.ts';
import { attemptsIn, DEFAULT_RETRY_DELAYS_MS } from '../../contract/retry-schedule.ts';
import { VERSION } from '../../contract/version.ts';
import type { JsonSchema } from './json-schemas.ts';
import { HEADER_PARAMETERS } from './openapi-headers.ts';

const ATTEMPTS = attemptsIn(DEFAULT_RETRY_DELAYS_MS);
const LADDER = DEFAULT_RETRY_DELAYS_MS.map((ms) => `${ms / 60_000} min`).join(', ');

const INTRODUCTION = `One signed POST per event. Delivery is at least once: every attempt and redelivery has the same \`webhook-id\` and the
same bytes, so deduplicate by \`webhook-id\`. Order is not promised.

Accept bodies of up to ${RECEIVER_BODY_LIMIT_BYTES / 1_048_576} MiB.

Answer 2xx within ${HEADERS_DEADLINE_MS / 1_000} seconds, better within one, and work afterwards. Only the status of the answer (and \`Retry-After\`) counts. Anything
but 2xx and 410 is tried again: ${ATTEMPTS} attempts in all, the later ones ${LADDER} after the end of the attempt before.

Later versions only add: new fields anywhere in a body, and new events for endpoints that subscribe to them. Ignore what you
do not know. No field goes away, changes its meaning or takes other values within a major version.`;

const RESPONSES = {
  '2XX': {
    description:
      `Delivered. At most ${MAX_RESPONSE_BYTES / 1_024} KiB of the answer's body are read, ` +
      'and none of it is kept.',
  },
  '3XX': { description: 'Tried again later. Redirects are never followed.' },
  '410': { description: 'Gone: this URL is not tried again for this event.' },
  '429': { $ref: '#/components/responses/Busy' },
  '503': { $ref: '#/components/responses/Busy' },
  default: {
    description: `Tried again later, up to ${ATTEMPTS} attempts in all. 401 is right for a signature that is not valid.`,
  },
};

const BUSY = {
  description: 'Tried again later, and not before the hint.',
  headers: {
    'Retry-After': {
      description:
        'Seconds, or an HTTP date. It can lengthen the wait before the next attempt, ' +
        `up to ${MAX_RETRY_AFTER_MS / 3_600_000} h; it never shortens one and adds no attempts.`,
      schema: { type: 'string' },
      example: '120',
    },
  },
};

/** The document, of the events' schemas and sample bodies (named as in samples.ts). */
export function openApiDocument(
  schemas: Readonly<Record<EventName, JsonSchema>>,
  samples: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const events = Object.entries(schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'TopCalls webhooks',
      version: VERSION,
      summary: 'What a receiver of TopCalls webhooks gets, and what its answers do.',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    webhooks: Object.fromEntries(events.map(([event, schema]) => [event, webhook(event, schema, samples)])),
    components: {
      schemas: Object.fromEntries(events.map(([, schema]) => [nameOf(schema), schema])),
      parameters: HEADER_PARAMETERS,
      responses: { Busy: BUSY },
    },
  };
}

function webhook(event: string, schema: JsonSchema, samples: Readonly<Record<string, string>>) {
  const ofEvent = Object.entries(samples).filter(([name]) => name === event || name.startsWith(`${event}.`));
  const examples = ofEvent.map(([name, body]) => [name, { value: JSON.parse(body) as unknown }]);
  return {
    post: {
      operationId: `receive${nameOf(schema)}`,
      summary: event,
      description: schema.description,
      security: [],
      parameters: Object.keys(HEADER_PARAMETERS).map((name) => ({ $ref: `#/components/parameters/${name}` })),
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: { $ref: `#/components/schemas/${nameOf(schema)}` },
            examples: Object.fromEntries(examples) as Record<string, unknown>,
          },
        },
      },
      responses: RESPONSES,
    },
  };
}

function nameOf({ title }: JsonSchema): string {
  if (title === undefined) throw new Error('every body schema needs a title: OpenAPI names its component by it');
  return title;
}
