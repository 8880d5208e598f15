/** Deadlines of requests, and errors that say which request failed. Each request of a listing has a deadline of its
 *  own. */
import { type Client, isGrpcDeadlineError, isGrpcServiceError } from '@temporalio/client';
import { NamespaceNotFoundError as SdkNamespaceNotFoundError } from '@temporalio/common';
import { inTime } from '../contract/in-time.ts';
import { clientErrorOf } from './client-error-of.ts';
import { type RequestFacts, SlowRunError, StoredPayloadError, UnreadableRunError } from './errors.ts';
import { grpcCauseOf, saysTooLarge } from './grpc-answers.ts';

/** How long one request of a listing may take, ms. A request is one page of the list, or the details of one run. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** Runs `work` within the time of one request. */
export function inDeadline<T>(client: Client, work: () => Promise<T>): Promise<T> {
  return within(client, REQUEST_TIMEOUT_MS, work);
}

/** Runs `work` with a deadline for its requests, and ends with `late` when it is over. The SDK repeats a request to a
 *  server that cannot be reached, and the wait before the last try may go on for 6 s after the deadline. */
export function within<T>(
  connection: Pick<Client, 'withDeadline'>,
  timeoutMs: number,
  work: () => Promise<T>,
  late: () => never = deadlineIsOver,
): Promise<T> {
  return inTime(connection.withDeadline(Date.now() + timeoutMs, work), timeoutMs, late);
}

function deadlineIsOver(): never {
  throw new DeadlineError();
}

/** In the form of gRPC, so that it is treated as the deadline of a request. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 4;
  readonly details = 'Deadline exceeded';
  readonly metadata = {};
}

/** Yields `items`. Getting each item has a deadline of its own, because a list asks the server once per page. */
export async function* eachInDeadline<T>(client: Client, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await inDeadline(client, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Yields `items`. A failure of the server becomes an error of the client. `what` completes "Temporal refused …". */
export async function* inOurWords<T>(client: Client, what: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw clientErrorOf(error, factsOf(client, { what, kind: 'read', timeoutMs: REQUEST_TIMEOUT_MS }));
  }
}

/** The facts of a request for its error: with the namespace, and with the server's address if it is known. */
export function factsOf(client: Client, facts: Omit<RequestFacts, 'namespace' | 'address'>): RequestFacts {
  // Only the Connection of @temporalio/client has options. A host may pass another one.
  const { options } = (client.connection ?? {}) as { readonly options?: { readonly address?: unknown } };
  const address = typeof options?.address === 'string' ? options.address : undefined;
  return { ...facts, namespace: client.options.namespace, address };
}

/** How long a server may take to show that it is there, ms. */
export const SIGN_OF_LIFE_MS = 1_000;

/** Does `work` for one run within `timeoutMs`. If the time is over and the server still answers, the run is slow:
 *  rejects with `SlowRunError`. Otherwise rejects with what `work` throws. */
export async function forOneRun<T>(
  client: Client,
  { timeoutMs, ...facts }: Omit<RequestFacts, 'namespace' | 'address'> & { readonly timeoutMs: number },
  work: (deadlineMs: number) => Promise<T>,
): Promise<T> {
  const workMs = timeoutMs - SIGN_OF_LIFE_MS;
  const deadlineMs = Date.now() + workMs;
  try {
    return await within(client, workMs, () => work(deadlineMs));
  } catch (error) {
    if (!isGrpcDeadlineError(error) || !(await answers(client))) throw error;
    throw new SlowRunError(factsOf(client, { ...facts, timeoutMs }), error);
  }
}

/** Whether the error is about one run, so that a listing goes on with the next one. The others are about the server or
 *  the connection, and the listing ends with them. */
export async function isAboutOneRun(client: Client, error: unknown): Promise<boolean> {
  if (error instanceof SlowRunError || error instanceof UnreadableRunError || error instanceof StoredPayloadError)
    return true;
  if (isGrpcDeadlineError(error)) return answers(client);
  const service = grpcCauseOf(error);
  // A payload that cannot be decoded, or an input that no client of ours sends.
  if (service === undefined) return !(error instanceof SdkNamespaceNotFoundError);
  return ABOUT_ONE_RUN.has(service.code) || saysTooLarge(error);
}

/** gRPC codes of an answer to one question: UNKNOWN, INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, INTERNAL,
 *  DATA_LOSS. */
const ABOUT_ONE_RUN: ReadonlySet<number> = new Set([2, 3, 9, 11, 13, 15]);

/** Whether the server answers at all. */
async function answers(client: Client): Promise<boolean> {
  try {
    await within(client, SIGN_OF_LIFE_MS, () => client.workflowService.getSystemInfo({}));
    return true;
  } catch (error) {
    // A refusal is an answer, too.
    return isGrpcServiceError(error) && ![1, 4, 14].includes(error.code);
  }
}
