/**
 * Whether a workflow can work with the input it was started with. Our client never sends a bad one. A raw start by
 * other means can, and so can a client of another version. Such a run must end in words. It must not stand still or
 * hold up a worker. Pure.
 */
import { ARTIFACT_NAMES, isFinal, type LiveState } from './delivery-state.ts';
import { MAX_RETRY_DELAY_MS, MAX_RETRY_DELAYS, MAX_RUN_ENDPOINTS, MIN_RETRY_DELAY_MS } from './run-limits.ts';
import { bodyPayloadBytes, copiesOf, mostBodyBytes } from './render-body.ts';
import type { AnyRunInput } from './run-messages.ts';
import { readAttempt } from './signal-payloads.ts';

/** What is wrong with `input` of the workflow for `about`, in words; undefined for input that can be worked with. */
export function problemOfInput(about: 'call' | 'campaign', input: unknown): string | undefined {
  const { event, endpoints, policy, redelivery, accountId = '', [about]: subject } = fieldsOf(input);
  if (fieldsOf(input) !== input) return `the input is ${kindIn(input)}, and must be an object`;
  if (typeof event !== 'string' || !EVENTS[about].test(event)) {
    return `event must be one of a ${about}, and is ${kindIn(event)}`;
  }
  const data = fieldsOf(subject);
  const { [`${about}_id`]: id } = data;
  if (typeof id !== 'string') return `${about} must be an object with a text ${about}_id, and is ${kindIn(subject)}`;
  const lacking = DATA[about].split(' ').filter((name) => data[name] === undefined);
  if (lacking.length > 0) return `${about} has no ${lacking.join(', ')}`;
  if (typeof accountId !== 'string') return 'accountId must be a text or absent';
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

/** What version 0.1.0 sends. A field that comes later must not stand here: runs of older clients lack it. */
const DATA = {
  call:
    'status phone_number from_phone_number call_status duration answered_by campaign_id lead_id created_at ' +
    'started_at end_at metadata error_message account_id',
  campaign: 'name status total_leads stats created_at started_at end_at reason metadata occurrence account_id',
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
  const hasOutcomes = isList && alreadyEnded.every((each) => isOutcome(fieldsOf(fieldsOf(each)['outcome'])));
  return hasOutcomes ? undefined : `redelivery.alreadyEnded must be a list of at most ${MAX_RUN_ENDPOINTS} outcomes`;
}

function isOutcome({
  endpointId,
  webhookId,
  host,
  state,
  reason = '',
  attempts,
}: ReturnType<typeof fieldsOf>): boolean {
  const areTexts = [endpointId, webhookId, host, reason].every((text) => typeof text === 'string');
  if (!areTexts || !isFinal(state as LiveState)) return false;
  return Array.isArray(attempts) && attempts.every((attempt) => readAttempt(attempt) !== undefined);
}

function isDelay(value: unknown, leastMs = 0): boolean {
  return typeof value === 'number' && value >= leastMs && value <= MAX_RETRY_DELAY_MS;
}

/** In words. Never the value, which may be personal data. */
function kindIn(value: unknown): string {
  if (value === undefined || value === null) return value === null ? 'null' : 'missing';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
