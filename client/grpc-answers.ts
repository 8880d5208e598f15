/** What the server answered to a request that failed, as gRPC says it. */
import { isGrpcServiceError } from '@temporalio/client';

/** The gRPC status of an answer, and its words. */
export type GrpcAnswer = { readonly code: number; readonly details: string };

/** The SDK wraps a gRPC error in its own errors, so the gRPC status is found along the chain of causes. A worker's
 *  connection puts the server's words into the message alone. */
export function grpcCauseOf(error: unknown): GrpcAnswer | undefined {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (isGrpcServiceError(each))
      return (each.details ?? '') === '' ? { code: each.code, details: each.message } : each;
  }
  return undefined;
}

/** Whether the server says that it does not have what was asked for. */
export function saysNotFound(error: unknown): boolean {
  return statusNameOf(grpcCauseOf(error)) === 'NOT_FOUND';
}

/** Whether the answer is larger than gRPC takes. The server's rate limits have the same code, so the words decide. */
export function saysTooLarge(error: unknown): boolean {
  const service = grpcCauseOf(error);
  if (statusNameOf(service) !== 'RESOURCE_EXHAUSTED') return false;
  // As @grpc/grpc-js says it in stream-decoder.js and compression-filter.js.
  return /message (?:that decompresses to a size )?larger than/i.test(service?.details ?? '');
}

/** Name of the answer's status, such as `NOT_FOUND`. */
export function statusNameOf(answer: GrpcAnswer | undefined): string {
  return STATUS_NAMES[answer?.code ?? 0] ?? 'UNKNOWN';
}

/** Names of the gRPC status codes; the index is the code. Source: grpc/grpc doc/statuscodes.md. */
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
