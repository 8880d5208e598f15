/** Errors of the client: a class per cause, a stable `code`, and whether calling again may help. Calling again is safe: the
 *  workflow id comes from the call id, so a start that did happen is found again. All but a forced redelivery. */
import { isGrpcDeadlineError, isGrpcServiceError } from '@temporalio/client';
import { NamespaceNotFoundError as SdkNamespaceNotFoundError } from '@temporalio/common';
import { decodingProblem } from '../contract/decoding-problem.ts';
import { InvalidInputError } from '../contract/schemas/invalid-input.ts';

export { InvalidInputError };

/** Base of what the client throws, `InvalidInputError` apart, which has `code` and `retryable` too. */
export class WebhookClientError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(name: string, facts: { code: string; retryable: boolean; message: string; cause?: unknown }) {
    super(facts.message, { cause: facts.cause });
    this.name = name;
    this.code = facts.code;
    this.retryable = facts.retryable;
  }
}

/** What a caller should know and do when no answer came, by what was asked. */
export const NO_ANSWER_TO = {
  start:
    'It may have happened all the same. Calling again is safe: keep the event until that succeeds (see the outbox in docs/embed.md).',
  control: 'It may have happened all the same: status() tells. Calling again is safe.',
  forcedRedelivery:
    'It may have happened all the same: look at status() first, since forcing it again would send it again.',
  read: 'Nothing was changed: try again.',
} as const;

/** What a failed request was about. `what` completes "Temporal refused …". */
export type RequestFacts = {
  readonly what: string;
  readonly kind: keyof typeof NO_ANSWER_TO;
  readonly namespace: string;
  readonly timeoutMs: number;
};

/** Temporal did not answer in time, or not at all. What was asked may or may not have happened; the message says what then. */
export class TemporalUnavailableError extends WebhookClientError {
  constructor({ what, kind, timeoutMs }: RequestFacts, cause?: unknown) {
    const message = `Temporal did not answer within ${timeoutMs} ms (${what}). ${NO_ANSWER_TO[kind]}`;
    super('TemporalUnavailableError', { code: 'temporal_unavailable', retryable: true, message, cause });
  }
}

/** The namespace does not know our search attributes. */
export class SearchAttributesMissingError extends WebhookClientError {
  constructor(namespace: string, cause?: unknown) {
    const message = `namespace ${namespace} lacks the search attributes of this module. Run "topcalls-webhooks setup" once, or use new WebhookClient(client, { searchAttributes: false }).`;
    super('SearchAttributesMissingError', { code: 'search_attributes_missing', retryable: false, message, cause });
  }
}

/** The namespace does not exist at this server. */
export class NamespaceNotFoundError extends WebhookClientError {
  constructor(namespace: string, cause?: unknown) {
    const message = `Temporal has no namespace ${namespace}. Create it, or connect the client to the right one.`;
    super('NamespaceNotFoundError', { code: 'namespace_not_found', retryable: false, message, cause });
  }
}

/** Temporal refused the request for another reason: permission, limits, a wrong server. `code` is `temporal_` + gRPC status. */
export class TemporalRefusedError extends WebhookClientError {
  constructor(what: string, status: string, retryable: boolean, cause: unknown) {
    const message = `Temporal refused ${what} (${status}): ${detailsOf(cause)}`;
    super('TemporalRefusedError', { code: `temporal_${status.toLowerCase()}`, retryable, message, cause });
  }
}

/** No run under this id: never started, or its history is gone with the namespace's retention. */
export class WebhookNotFoundError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const message = `no webhook run ${workflowId}: nothing was started under this id, or retention has removed it. Report the call again (callEnded), or look in the delivery log.`;
    super('WebhookNotFoundError', { code: 'not_found', retryable: false, message, cause });
  }
}

/** A run exists under this id, but not one this client can read: another codec or key wrote it, or it is none of ours. */
export class UnreadableRunError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const why = cause === undefined ? 'its history holds no input of ours' : decodingProblem(cause);
    const message = `run ${workflowId} cannot be read: ${why}. Is the client's data converter (codec, keys) the worker's?`;
    super('UnreadableRunError', { code: 'unreadable_run', retryable: false, message, cause });
  }
}

/** Nothing to redeliver from: a redelivery needs the history of the last run, for its body and ids. */
export class HistoryGoneError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const message = `no history of ${workflowId}: never started, or removed by the namespace's retention, and with it the body. Report the call again (callEnded): that starts a new run with the same webhook ids, and a body rendered anew.`;
    super('HistoryGoneError', { code: 'history_gone', retryable: false, message, cause });
  }
}

/** The run is still open, or somebody else's redelivery came first. */
export class StillRunningError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const message = `${workflowId} is running, or was redelivered a moment ago: nothing was started. Wait for its end, hurry it with retryNow, or cancel it.`;
    super('StillRunningError', { code: 'still_running', retryable: true, message, cause });
  }
}

/** Every endpoint asked for has it already. */
export class AlreadyDeliveredError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const message = `${workflowId} is delivered: to send it again all the same, pass force`;
    super('AlreadyDeliveredError', { code: 'already_delivered', retryable: false, message, cause });
  }
}

/** The run has no such endpoint. */
export class UnknownEndpointError extends WebhookClientError {
  constructor(workflowId: string, received: string, known: readonly string[]) {
    const message = `${workflowId} has no endpoint ${received}; it has ${known.join(', ')}`;
    super('UnknownEndpointError', { code: 'unknown_endpoint', retryable: false, message });
  }
}

/** What a failed call to Temporal comes to, in our words. */
export function clientErrorOf(error: unknown, facts: RequestFacts): Error {
  if (isGrpcDeadlineError(error)) return new TemporalUnavailableError(facts, error);
  // The SDK makes this of the server's answer, and keeps no gRPC status in it.
  if (error instanceof SdkNamespaceNotFoundError) return new NamespaceNotFoundError(facts.namespace, error);
  const service = grpcCauseOf(error);
  if (service === undefined) return error instanceof Error ? error : new Error(String(error));
  const status = STATUS_NAMES[service.code] ?? 'UNKNOWN';
  if (NO_ANSWER.has(status)) return new TemporalUnavailableError(facts, error);
  if (service.details.includes('search attribute')) return new SearchAttributesMissingError(facts.namespace, error);
  if (status === 'NOT_FOUND' && service.details.toLowerCase().includes('namespace')) {
    return new NamespaceNotFoundError(facts.namespace, error);
  }
  return new TemporalRefusedError(facts.what, status, status === 'RESOURCE_EXHAUSTED' || status === 'ABORTED', service);
}

const NO_ANSWER: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

/** gRPC status codes by number. Source: grpc/grpc doc/statuscodes.md. */
const STATUS_NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** The SDK wraps gRPC errors in its own; the status stands in the cause. */
function grpcCauseOf(error: unknown): { readonly code: number; readonly details: string } | undefined {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (isGrpcServiceError(each)) return each;
  }
  return undefined;
}

function detailsOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'details' in error ? String(error.details) : String(error);
}
