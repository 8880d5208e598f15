/** Errors of the client: one class per cause, with a stable `code` and `retryable`. Calling again is always safe,
 *  with one exception. The workflow id comes from the call id, so a second call finds the run that the first one
 *  started. The exception is a forced redelivery: it starts a new run each time. */
import { ExternalStorageNotConfiguredError } from '@temporalio/common';
import { codeOrName } from '../contract/error-in-words.ts';
import { decodingProblem } from '../contract/decoding-problem.ts';
import { InvalidInputError } from '../contract/schemas/invalid-input.ts';
import { grpcCauseOf } from './grpc-answers.ts';

export { InvalidInputError };

/** Base class of the client's errors. `code` is stable. `retryable` says whether the same call may succeed later.
 *  `InvalidInputError` has both fields too, but is not a subclass. */
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

/** What the caller must know, and should do, when no answer came. By kind of request. */
export const NO_ANSWER_TO = {
  start:
    'The run may still have been started. Calling again is safe. ' +
    'Keep the event until a call succeeds (see the outbox in docs/embed.md).',
  control: 'It may still have taken effect: status() shows it. Calling again is safe.',
  forcedRedelivery:
    'A run may still have been started. Look at status() first: calling again with force sends the webhook again.',
  read: 'Nothing was changed. Try again.',
} as const;

/** What is known about a request that failed. `what` completes "Temporal refused …". */
export type RequestFacts = {
  readonly what: string;
  readonly kind: keyof typeof NO_ANSWER_TO;
  readonly namespace: string;
  /** Absent if the request had no time limit. */
  readonly timeoutMs?: number | undefined;
  /** Host and port of the server, if the connection tells. */
  readonly address?: string | undefined;
};

/** Temporal did not answer in time, or not at all. Retryable. The request may still have taken effect; the message
 *  says what to do then. */
export class TemporalUnavailableError extends WebhookClientError {
  constructor({ what, kind, timeoutMs, address }: RequestFacts, cause?: unknown) {
    const inTime = timeoutMs === undefined ? '' : ` within ${timeoutMs} ms`;
    const where = address === undefined ? '' : ` Its address is ${address}.`;
    const words = grpcCauseOf(cause)?.details ?? '';
    const said = words === '' ? '' : ` The connection says: ${words}`;
    const message = `Temporal did not answer${inTime} (${what}). ${NO_ANSWER_TO[kind]}${where}${said}`;
    super('TemporalUnavailableError', { code: 'temporal_unavailable', retryable: true, message, cause });
  }
}

/** Temporal answers, but this run took too long. A long history is the usual reason. Retryable. Other runs are not
 *  affected. The request may still have taken effect: the message says what to do then. */
export class SlowRunError extends WebhookClientError {
  constructor({ what, kind, timeoutMs }: RequestFacts, cause?: unknown) {
    const message =
      `${what} took longer than ${timeoutMs} ms, while Temporal answers other requests. ` +
      `The history of the run may be long. ${NO_ANSWER_TO[kind]}`;
    super('SlowRunError', { code: 'slow_run', retryable: true, message, cause });
  }
}

/** `result({ timeoutMs })`: the run has not ended in that time. It goes on. Retryable. `isSilent`: the time was too
 *  short for any answer of the server, so whether the run goes on is not known. */
export class ResultTimeoutError extends WebhookClientError {
  readonly workflowId: string;
  readonly timeoutMs: number;
  constructor(workflowId: string, timeoutMs: number, cause?: unknown, { isSilent = false } = {}) {
    const next = 'call result() again, or look at status().';
    const message = isSilent
      ? `Temporal had not said within ${timeoutMs} ms whether ${workflowId} has ended: ${next}`
      : `${workflowId} has not ended within ${timeoutMs} ms. It goes on: ${next}`;
    super('ResultTimeoutError', { code: 'result_timeout', retryable: true, message, cause });
    this.workflowId = workflowId;
    this.timeoutMs = timeoutMs;
  }
}

/** The namespace does not know our search attributes. Not retryable: run the command that the message names. */
export class SearchAttributesMissingError extends WebhookClientError {
  constructor(namespace: string, cause?: unknown) {
    const message =
      `namespace ${namespace} lacks the search attributes of this module. ` +
      'Run "topcalls-webhooks setup" once, or use new WebhookClient(client, { searchAttributes: false }).';
    super('SearchAttributesMissingError', { code: 'search_attributes_missing', retryable: false, message, cause });
  }
}

/** The server has no such namespace. Not retryable. */
export class NamespaceNotFoundError extends WebhookClientError {
  constructor(namespace: string, cause?: unknown) {
    const message = `Temporal has no namespace ${namespace}. Create it, or connect the client to the right one.`;
    super('NamespaceNotFoundError', { code: 'namespace_not_found', retryable: false, message, cause });
  }
}

/** Temporal refused the request for another reason, for example a missing permission or a limit. `code` is
 *  `temporal_` and the gRPC status in lower case. Retryable when waiting alone may help: after a rate
 *  limit, a conflict or a fault inside the server, a proxy or the network. */
export class TemporalRefusedError extends WebhookClientError {
  constructor(what: string, status: string, retryable: boolean, cause: unknown) {
    const message = `Temporal refused ${what} (${status}): ${detailsOf(cause)}`;
    super('TemporalRefusedError', { code: `temporal_${status.toLowerCase()}`, retryable, message, cause });
  }
}

/** Whoever reports an erased call again sends a person's data once more. Only the receipt tells that it was erased. */
const AGAIN_UNLESS_ERASED = 'Unless an operator erased it (their receipt says so), report the call again (callEnded)';

/** No run has this id: it was never started, the namespace's retention has removed it, or it was erased. Not
 *  retryable. */
export class WebhookNotFoundError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const message =
      `no webhook run ${workflowId}: nothing was started under this id, retention has removed it, or it was erased. ` +
      `Look in the delivery log. ${AGAIN_UNLESS_ERASED}.`;
    super('WebhookNotFoundError', { code: 'not_found', retryable: false, message, cause });
  }
}

/** The run exists, but this client cannot read it: another codec or key wrote it, or it is not a webhook run. Not
 *  retryable with this client. */
export class UnreadableRunError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const why = cause === undefined ? 'its history has no input of a webhook run' : decodingProblem(cause);
    const message =
      `run ${workflowId} cannot be read: ${why}. ` +
      "Give the client the worker's data converter, with the same codec and keys.";
    super('UnreadableRunError', { code: 'unreadable_run', retryable: false, message, cause });
  }
}

/** The run keeps a payload in the host's external storage, and the storage does not give it: it is down, the object is
 *  gone, or this client has no such storage. Or a start has such a payload, and the storage does not take it: then
 *  nothing was started. Retryable, for a storage that is down. */
export class StoredPayloadError extends WebhookClientError {
  constructor(workflowId: string, cause: unknown, was: 'given' | 'taken' = 'given') {
    if (was === 'taken') {
      const message =
        `the external storage did not take a payload of ${workflowId} (${causeInWords(cause)}). Nothing was started. ` +
        'Call again once the storage is up: see docs/big-bodies.md.';
      super('StoredPayloadError', { code: 'stored_payload', retryable: true, message, cause });
      return;
    }
    const isMissing = cause instanceof ExternalStorageNotConfiguredError;
    const why = isMissing
      ? "and this client has no externalStorage. Give it the worker's data converter, with the same drivers; " +
        'a command gets them by TOPCALLS_STORAGE_MODULE'
      : `and it was not given (${causeInWords(cause)}). Try again once the storage is up. If the object is gone, nobody ` +
        'can read the run: see docs/big-bodies.md';
    const message = `a payload of run ${workflowId} is in the external storage, ${why}.`;
    super('StoredPayloadError', { code: 'stored_payload', retryable: !isMissing, message, cause });
  }
}

/** For a wrong set-up what the SDK says, else code or name. */
function causeInWords(cause: unknown): string {
  const { name, message } = Object(cause) as Partial<Record<'name' | 'message', unknown>>;
  return name === 'ValueError' ? String(message) : codeOrName(cause);
}

/** A redelivery needs the body and ids from the last run's history, and that history is gone. Not retryable. */
export class HistoryGoneError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const message =
      `no history of ${workflowId}: it was never started, retention has removed it with its body, or it was erased. ` +
      `${AGAIN_UNLESS_ERASED}: this starts a new run with the same webhook ids and a newly made body.`;
    super('HistoryGoneError', { code: 'history_gone', retryable: false, message, cause });
  }
}

/** The run has not ended, or another redelivery came first. Nothing was started. Retryable after the run's end. */
export class StillRunningError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const message =
      `${workflowId} is running, or was redelivered a moment ago: nothing was started. ` +
      'Wait for its end, send the waiting attempt with retryNow, or cancel it.';
    super('StillRunningError', { code: 'still_running', retryable: true, message, cause });
  }
}

/** Every requested endpoint already has the webhook. Not retryable, unless `force` is passed. */
export class AlreadyDeliveredError extends WebhookClientError {
  constructor(workflowId: string, cause?: unknown) {
    const message = `${workflowId} is already delivered; to send it once more, pass { force: true }`;
    super('AlreadyDeliveredError', { code: 'already_delivered', retryable: false, message, cause });
  }
}

/** The run has no endpoint with the given id. Not retryable: the message lists the ids it has. */
export class UnknownEndpointError extends WebhookClientError {
  constructor(workflowId: string, received: string, known: readonly string[]) {
    const message = `${workflowId} has no endpoint ${received}; it has ${known.join(', ')}`;
    super('UnknownEndpointError', { code: 'unknown_endpoint', retryable: false, message });
  }
}

/** The id of this call or event was reported under another account, or under none. Nothing was started, and nothing of
 *  that run is given away. Not retryable. */
export class IdOfAnotherAccountError extends WebhookClientError {
  constructor(workflowId: string) {
    const message =
      `${workflowId} was reported with another account_id, or with none: nothing was started. ` +
      'Ids must be unique across accounts: put the account into the id, ' +
      'or report with the account_id of the first report.';
    super('IdOfAnotherAccountError', { code: 'id_of_another_account', retryable: false, message });
  }
}

/** The report is larger than a run can carry. Nothing was started. Not retryable: shorten it. */
export class InputTooLargeError extends WebhookClientError {
  readonly bytes: number;
  readonly limit: number;
  constructor(
    workflowId: string,
    { what, bytes, limit, largest }: Readonly<Record<'what' | 'largest', string> & Record<'bytes' | 'limit', number>>,
  ) {
    const message =
      `${workflowId}: its ${what} has ${bytes} bytes, and ${limit} are allowed: nothing was started. ` +
      `The largest part is ${largest}.`;
    super('InputTooLargeError', { code: 'input_too_large', retryable: false, message });
    this.bytes = bytes;
    this.limit = limit;
  }
}

function detailsOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'details' in error ? String(error.details) : String(error);
}
