/**
 * Looks in its own run's history for who cancelled a delivery. A workflow never sees the identity behind a signal or a
 * cancel request; the server's history has it. Best effort: the record is written without it, too.
 */
import { Context } from '@temporalio/activity';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import { SIGNALS } from '../contract/names.ts';
import { given } from '../contract/given.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { readCancelRequest } from '../contract/signal-payloads.ts';
import { type CancelAsked, said, whoCancelled } from '../contract/who-asked.ts';
import type { ActivityLog } from './activity-log.ts';
import { errorFacts } from './port-error.ts';

/** Short beside the activity's 30 s, of which the log may take 20. */
const READ_TIMEOUT_MS = 5_000;

/** The record, with reason and identity of the cancel if it is one of a cancelled delivery. Never throws. */
export async function withWhoCancelled(record: DeliveryRecord, say: ActivityLog): Promise<DeliveryRecord> {
  if (record.state !== 'cancelled') return record;
  const { client } = Context.current();
  try {
    const cancels = await client.withDeadline(Date.now() + READ_TIMEOUT_MS, () => readCancels(record));
    return { ...record, ...whoCancelled(cancels, record.endpointId) };
  } catch (error) {
    say.warn('webhook.asker_unknown', { webhookId: record.webhookId, ...errorFacts(error) });
    return record;
  }
}

async function readCancels({ workflowId, runId }: DeliveryRecord): Promise<CancelAsked[]> {
  const { client } = Context.current();
  const request = { namespace: client.options.namespace, execution: { workflowId, runId } };
  const cancels: CancelAsked[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({ ...request, nextPageToken });
    for (const event of page.history?.events ?? []) {
      const {
        workflowExecutionSignaledEventAttributes: signal,
        workflowExecutionCancelRequestedEventAttributes: asked,
      } = event;
      if (signal?.signalName === SIGNALS.cancel) {
        const payload = await firstOf(client.options.loadedDataConverter, signal.input?.payloads ?? []);
        const { reason, endpointId } = readCancelRequest(payload);
        cancels.push(given({ reason, endpointId, by: said(signal.identity) }));
      }
      if (asked) cancels.push(given({ reason: said(asked.cause), by: said(asked.identity) }));
    }
    nextPageToken = page.nextPageToken ?? new Uint8Array();
  } while (nextPageToken.length > 0);
  return cancels;
}

/** The first payload, decoded. Undefined if there is none. */
async function firstOf(
  { payloadCodecs, payloadConverter }: LoadedDataConverter,
  payloads: Payload[],
): Promise<unknown> {
  let decoded = payloads;
  for (const codec of payloadCodecs) decoded = await codec.decode(decoded);
  const [first] = decoded;
  return first === undefined ? undefined : payloadConverter.fromPayload(first);
}
