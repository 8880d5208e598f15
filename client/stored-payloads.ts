/**
 * Payloads that a host's external storage keeps: history has only a reference to them (docs/big-bodies.md). The SDK
 * fetches them in its own calls. This module does so for us, who read histories page by page.
 */
import { type Client, ServiceError } from '@temporalio/client';
import {
  type ExternalStorage,
  ExternalStorageNotConfiguredError,
  type LoadedDataConverter,
  type Payload,
  type StorageDriver,
} from '@temporalio/common';
import {
  type decodeOptionalFailureToOptionalError,
  ExternalStorageRunner,
  extstoreInboundOptions,
  isReferencePayload,
  visit,
  walkGetWorkflowExecutionHistoryResponse,
} from '@temporalio/common/lib/internal-non-workflow';
import { inTime } from '../contract/in-time.ts';
import { StoredPayloadError } from './errors.ts';
import type { HistoryEvent } from './fetch-history.ts';
import { grpcCauseOf } from './grpc-answers.ts';

type Storage = Pick<LoadedDataConverter, 'externalStorage'>;
type Payloads = Payload[] | null | undefined;
type Failure = Parameters<typeof decodeOptionalFailureToOptionalError>[1];

/** The payloads, with what was stored in place of each reference. Rejects with what the driver throws, or with
 *  `ExternalStorageNotConfiguredError`. */
export async function fetchedPayloads<P extends Payloads>({ externalStorage }: Storage, payloads: P): Promise<P> {
  if (!payloads?.some(isReferencePayload)) return payloads;
  if (externalStorage === undefined) throw new ExternalStorageNotConfiguredError();
  return (await limited(new ExternalStorageRunner(externalStorage).retrieve(payloads))) as P;
}

/** The same for a failure of an activity or a run, in place. */
export async function fetchInto({ externalStorage }: Storage, failure: Failure): Promise<void> {
  if (!failure) return;
  const page = { history: { events: [{ activityTaskFailedEventAttributes: { failure } }] } };
  await limited(visit(page, walkGetWorkflowExecutionHistoryResponse, extstoreInboundOptions(externalStorage)));
}

/** Does `start`. Rejects with `StoredPayloadError` if the external storage does not take what the start carries. The
 *  SDK tells it as an error of gRPC that has no status. */
export async function startStored<T>(client: Client, workflowId: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const hasStorage = client.options.loadedDataConverter?.externalStorage !== undefined;
    if (!hasStorage || !(error instanceof ServiceError) || grpcCauseOf(error) !== undefined) throw error;
    throw new StoredPayloadError(workflowId, error.cause, 'taken');
  }
}

/** A payload that the external storage keeps: the driver, and what it finds the object by. */
export type StoredObject = { readonly driver: string; readonly claim: Readonly<Record<string, unknown>> };

/** What the references in these events point to, each once. Needs no driver, and fetches nothing. */
export async function storedObjects(events: readonly HistoryEvent[]): Promise<readonly StoredObject[]> {
  const found = new Map<string, StoredObject>();
  const noting = (driver: string): Pick<StorageDriver, 'name' | 'retrieve'> => ({
    name: driver,
    retrieve: async (_context, claims) =>
      claims.map(({ claimData: claim }) => {
        found.set(JSON.stringify([driver, claim]), { driver, claim });
        return {};
      }),
  });
  // The SDK's own walk over a history, which asks for nothing but the driver of a name.
  const storage = { getDriver: noting } as unknown as ExternalStorage;
  const copy = { history: { events: structuredClone(events) as HistoryEvent[] } };
  await visit(copy, walkGetWorkflowExecutionHistoryResponse, extstoreInboundOptions(storage));
  return [...found.values()];
}

/** Below the 10 s of a handle's method, so that a storage that hangs is named. */
const DRIVER_MS = 8_000;

function limited<T>(work: Promise<T>): Promise<T> {
  return inTime(work, DRIVER_MS, () => {
    throw Object.assign(new Error('the storage does not answer'), { code: 'no_answer' });
  });
}
