/**
 * Opens a connection to a Temporal server and asks it for a namespace, or says what came instead. A connection that is
 * refused ends at once. The SDK's own `connect` tries it again until its time is over, and then says only that.
 */
import { Connection, defaultGrpcRetryOptions, isGrpcServiceError, makeGrpcRetryInterceptor } from '@temporalio/client';
import { isTls, type TemporalConnectionOptions } from './profile.ts';

/** Why no server answered:
 *  - `refused`: nothing listens at the port
 *  - `name`: the host name has no address
 *  - `unreachable`: the network does not reach the address
 *  - `silent`: no answer within the time
 *  - `wants_tls`: the connection ended before an answer, and it was without TLS
 *  - `speaks_no_tls`: what answered speaks no TLS
 *  - `other`: in the words of the connection */
export type NotReachedKind = 'refused' | 'name' | 'unreachable' | 'silent' | 'wants_tls' | 'speaks_no_tls' | 'other';

/** No server answered. The message says what came instead, without the address. */
export class NotReachedError extends Error {
  override readonly name = 'NotReachedError';
  readonly kind: NotReachedKind;
  constructor(kind: NotReachedKind, message: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** How long a server may take, ms, from its name to its answer. A named server may be far away or waking up, and a
 *  local one on a busy machine. */
const ANSWER_MS = 5_000;

/** Resolves with the connection; the caller closes it. Rejects with NotReachedError, with the gRPC error that a server
 *  answered with, or with what the SDK throws for options that it cannot use. */
export async function openServer(
  options: TemporalConnectionOptions,
  namespace: string,
  timeoutMs = ANSWER_MS,
): Promise<Connection> {
  const startedMs = performance.now();
  const opening = { isOver: false };
  const opened = Connection.lazy({ ...options, interceptors: [retrying(opening)] });
  try {
    await opened.withDeadline(Date.now() + timeoutMs, () => opened.workflowService.describeNamespace({ namespace }));
    opening.isOver = true;
    return opened;
  } catch (error) {
    await opened.close();
    throw notReached(error, options, performance.now() - startedMs) ?? error;
  }
}

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;

/** The SDK's retries with two differences. While a connection is opened, a server that cannot be reached is not tried
 *  again. And no request is tried again after its deadline: the SDK would wait up to 6 s longer, to say only that the
 *  deadline is over. */
function retrying(opening: { readonly isOver: boolean }): Interceptor {
  const usual = defaultGrpcRetryOptions();
  return (call, next) => {
    const deadlineMs = call.deadline === undefined ? Infinity : Number(call.deadline);
    const retryableDecider: typeof usual.retryableDecider = (attempt, status) =>
      usual.retryableDecider(attempt, status) &&
      (opening.isOver || !isUnavailable(status.code)) &&
      Date.now() + MAX_JITTER * usual.delayFunction(attempt, status) < deadlineMs;
    return makeGrpcRetryInterceptor({ ...usual, retryableDecider })(call, next);
  };
}

/** The longest wait of a retry is so many times the shortest. */
const MAX_JITTER = 1.5;

// gRPC's numbers for what a client says itself when no answer came.
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;

function isUnavailable(code: number): boolean {
  return code === UNAVAILABLE;
}

/** Undefined for what a server has answered, and for errors of another kind. */
function notReached(error: unknown, options: TemporalConnectionOptions, afterMs: number): NotReachedError | undefined {
  if (!isGrpcServiceError(error) || ![CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE].includes(error.code)) return undefined;
  const { details } = error;
  const no = (kind: NotReachedKind, message: string) => new NotReachedError(kind, message, error);
  const inTime = `in ${(afterMs / 1_000).toFixed(1)} s`;
  if (details.includes('waiting for name resolution')) return no('name', `its name was not resolved ${inTime}`);
  if (!isUnavailable(error.code)) return no('silent', `no answer ${inTime}`);
  if (details.startsWith('Name resolution failed')) return no('name', 'its name has no address');
  const [systemCode = ''] = /\bE[A-Z]{4,}\b/.exec(details) ?? [];
  if (systemCode === 'ECONNREFUSED') return no('refused', `nothing listens there (${systemCode})`);
  if (UNREACHABLE.has(systemCode)) return no('unreachable', `the network does not reach it (${systemCode})`);
  if (isTls(options) && /wrong version number|packet length too long/i.test(details))
    return no('speaks_no_tls', 'what answers there speaks no TLS');
  const words = lastError(details);
  // gRPC has these words for a connection that was closed. A TLS server answers a plain one so, or with bytes.
  const said = words === 'Failed to connect' ? '' : ` (${words})`;
  if (!isTls(options) && details.startsWith('No connection established'))
    return no('wants_tls', `the connection ended before an answer${said}, perhaps because it wants TLS`);
  return no('other', words);
}

const UNREACHABLE: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ETIMEDOUT']);

/** gRPC writes addresses and the time around the error, and OpenSSL numbers and the place in its code. */
function lastError(details: string): string {
  const [, words = details] =
    /Last error: (?:Error: )?(.*?)\s*(?:\(\d{4}-[^)]*Z\))?\. Resolution note:/s.exec(details) ?? [];
  const [, reason = words] = /:SSL routines:[^:]*:([^:]+):/.exec(words) ?? [];
  return reason;
}

/** Asks the server for the namespace. Undefined when it answers, else the reason in words. Never rejects. */
export async function whyUnreachable(
  options: TemporalConnectionOptions,
  namespace: string,
  timeoutMs = ANSWER_MS,
): Promise<string | undefined> {
  try {
    await (await openServer(options, namespace, timeoutMs)).close();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    // gRPC writes a dump of addresses into its messages; `details` is shorter.
    return isGrpcServiceError(error) && error.details !== '' ? error.details : error.message;
  }
}
