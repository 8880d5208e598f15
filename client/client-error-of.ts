/** Finds the client's error for what a request to Temporal rejected with. */
import { isGrpcDeadlineError } from '@temporalio/client';
import { NamespaceNotFoundError as SdkNamespaceNotFoundError } from '@temporalio/common';
import {
  NamespaceNotFoundError,
  type RequestFacts,
  SearchAttributesMissingError,
  TemporalRefusedError,
  TemporalUnavailableError,
  WebhookClientError,
} from './errors.ts';
import { grpcCauseOf, statusNameOf } from './grpc-answers.ts';

/** The client's error for a failed request to Temporal. An error that is not from the server is returned as it is. */
export function clientErrorOf(error: unknown, facts: RequestFacts): Error {
  // Its cause may be a gRPC error, too.
  if (error instanceof WebhookClientError) return error;
  if (isGrpcDeadlineError(error)) return new TemporalUnavailableError(facts, error);
  // The SDK builds this error itself, without the gRPC status.
  if (error instanceof SdkNamespaceNotFoundError) return new NamespaceNotFoundError(facts.namespace, error);
  const service = grpcCauseOf(error);
  if (service === undefined) return error instanceof Error ? error : new Error(String(error));
  const status = statusNameOf(service);
  // It may have come long before the time was over.
  if (NO_ANSWER.has(status)) return new TemporalUnavailableError({ ...facts, timeoutMs: undefined }, error);
  if (service.details.includes('search attribute')) return new SearchAttributesMissingError(facts.namespace, error);
  if (status === 'NOT_FOUND' && service.details.toLowerCase().includes('namespace')) {
    return new NamespaceNotFoundError(facts.namespace, error);
  }
  return new TemporalRefusedError(facts.what, status, MAY_PASS.has(status), service);
}

const NO_ANSWER: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

/** The SDK repeats these itself, INTERNAL by its words. A proxy and a broken connection answer with them. */
const MAY_PASS: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'RESOURCE_EXHAUSTED',
  'ABORTED',
  'OUT_OF_RANGE',
  'INTERNAL',
  'DATA_LOSS',
]);
