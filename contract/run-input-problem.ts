/**
 * Whether a workflow can work with the input it was started with. Our client never sends a bad one. A raw start by
 * other means can, and so can a client of another version. Such a run must end in words. It must not stand still or
 * hold up a worker. Pure.
 */
import { ARTIFACT_NAMES } from './delivery-state.ts';
import { MAX_RETRY_DELAY_MS, MAX_RETRY_DELAYS, MAX_RUN_ENDPOINTS, MIN_RETRY_DELAY_MS } from './run-limits.ts';
import { bodyPayloadBytes, copiesOf, mostBodyBytes } from './render-body.ts';
import type { AnyRunInput } from './run-messages.ts';

/** What is wrong with `input` of the workflow for `about`, in words; undefined for input that can be worked with. */
export function problemOfInput(about: 'call' | 'campaign', input: unknown): string | undefined {
  const { event, endpoints, policy, redelivery, [about]: subject } = fieldsOf(input);
  if (typeof event !== 'string' || !EVENTS[about].test(event)) return `event must be one of a ${about}`;
  const { [`${about}_id`]: id } = fieldsOf(subject);
  if (typeof id !== 'string') return `${about} must be an object with a text ${about}_id`;
  return (
    problemOfEndpoints(endpoints) ??
    problemOfPolicy(policy) ??
    problemOfExpects(about, input) ??
    problemOfRedelivery(redelivery)
  );
}

/** Not contract/event-types.ts, whose lists would make the workflow bundle larger. */
const EVENTS = {
  call: /^call\.(completed|failed)$/,
  campaign: /^(campaign\.(started|completed|paused|resumed|stopped)|webhook\.test)$/,
} as const;

/** Whether the server can carry the body, once for each endpoint. */
export function problemOfBody(body: string, { endpoints }: Pick<AnyRunInput, 'endpoints'>): string | undefined {
  const bytes = bodyPayloadBytes(body);
  const copies = copiesOf(endpoints);
  const limit = mostBodyBytes(copies);
  if (bytes <= limit) return undefined;
  return `the body has ${bytes} bytes without its artifacts; ${limit} can be carried to ${copies} endpoints`;
}

function problemOfEndpoints(endpoints: unknown): string | undefined {
  if (!Array.isArray(endpoints) || endpoints.length === 0) return 'endpoints must be a list of at least one endpoint';
  if (endpoints.length > MAX_RUN_ENDPOINTS)
    return `${endpoints.length} endpoints: at most ${MAX_RUN_ENDPOINTS} are allowed`;
  const ids = endpoints.map((endpoint) => {
    const { endpointId, webhookId, url, host, secretRef = '', refusal = '' } = fieldsOf(endpoint);
    return [endpointId, webhookId, url, host, secretRef, refusal].every((text) => typeof text === 'string')
      ? endpointId
      : undefined;
  });
  if (ids.includes(undefined)) return 'each endpoint must have the texts endpointId, webhookId, url and host';
  return new Set(ids).size === ids.length ? undefined : 'two endpoints have the same endpointId';
}

function problemOfPolicy(policy: unknown): string | undefined {
  const { settleDelayMs, artifactDeadlineMs, retryDelaysMs } = fieldsOf(policy);
  if (!isDelay(settleDelayMs) || !isDelay(artifactDeadlineMs)) {
    return `policy must have settleDelayMs and artifactDeadlineMs, from 0 to ${MAX_RETRY_DELAY_MS}`;
  }
  const areWaits =
    Array.isArray(retryDelaysMs) &&
    retryDelaysMs.length <= MAX_RETRY_DELAYS &&
    retryDelaysMs.every((ms) => isDelay(ms, MIN_RETRY_DELAY_MS));
  if (areWaits) return undefined;
  const range = `from ${MIN_RETRY_DELAY_MS} to ${MAX_RETRY_DELAY_MS}`;
  return `policy.retryDelaysMs must be a list of at most ${MAX_RETRY_DELAYS} waits, ${range}`;
}

function problemOfExpects(about: 'call' | 'campaign', input: unknown): string | undefined {
  if (about === 'campaign') return undefined;
  const expects = fieldsOf(fieldsOf(input)['expects']);
  const areTold = ARTIFACT_NAMES.every((name) => typeof expects[name] === 'boolean');
  return areTold ? undefined : `expects must tell of ${ARTIFACT_NAMES.join(', ')}, each true or false`;
}

function problemOfRedelivery(redelivery: unknown): string | undefined {
  if (redelivery === undefined) return undefined;
  const { cycle, body = '', alreadyEnded } = fieldsOf(redelivery);
  if (!Number.isSafeInteger(cycle) || typeof body !== 'string')
    return 'redelivery must have a whole cycle, and a text body or none';
  const isList = Array.isArray(alreadyEnded) && alreadyEnded.length <= MAX_RUN_ENDPOINTS;
  const hasOutcomes =
    isList && alreadyEnded.every((each) => Array.isArray(fieldsOf(fieldsOf(each)['outcome'])['attempts']));
  return hasOutcomes ? undefined : `redelivery.alreadyEnded must be a list of at most ${MAX_RUN_ENDPOINTS} outcomes`;
}

function isDelay(value: unknown, leastMs = 0): boolean {
  return typeof value === 'number' && value >= leastMs && value <= MAX_RETRY_DELAY_MS;
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}
