/**
 * A run as the server tells it: describe + history, payloads decoded with the client's own converter and codec, so that
 * no worker has to run. What the facts mean is folded in fold-run.ts.
 */
import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, arrayFromPayloads } from '@temporalio/common';
import {
  decode,
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow';
import { optionalTsToMs, tsToMs } from '@temporalio/common/lib/time';
import type { WebhookResult } from '../contract/delivery-state.ts';
import { ACTIVITY_TYPES, SIGNALS } from '../contract/names.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { readAttemptReport, readCancelRequest } from '../contract/signal-payloads.ts';
import type { Delivered, DeliverInput, AnyRunInput } from '../contract/run-messages.ts';
import { UnreadableRunError } from './errors.ts';
import { fetchHistory, type HistoryEvent } from './fetch-history.ts';
import type { PendingDelivery, RunFact, RunFacts } from './run-facts.ts';

/** Reads the latest run behind `handle`. Throws what the SDK throws, WorkflowNotFoundError and ServiceError, and
 *  UnreadableRunError where a payload cannot be decoded: another codec, or a key that is not there. */
export async function readRun(client: Client, handle: WorkflowHandle): Promise<RunFacts> {
  const description = await handle.describe();
  const reader = new HistoryReader(client, handle.workflowId);
  for (const event of await fetchHistory(client, description)) await reader.take(event);
  const { input, facts } = reader;
  return {
    workflowId: handle.workflowId,
    runId: description.runId,
    status: description.status.name,
    taskQueue: description.taskQueue,
    input,
    facts,
    pending: pendingOf(description),
  };
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

class HistoryReader {
  readonly facts: RunFact[] = [];
  input: AnyRunInput | undefined;
  readonly #client: Client;
  readonly #workflowId: string;
  /** Open activities of ours by the id of their scheduling event. */
  readonly #scheduled = new Map<string, { readonly type: string; readonly endpointId?: string }>();

  constructor(client: Client, workflowId: string) {
    this.#client = client;
    this.#workflowId = workflowId;
  }

  async take(event: HistoryEvent): Promise<void> {
    if (event.workflowExecutionStartedEventAttributes) {
      this.input = (await this.#first(event.workflowExecutionStartedEventAttributes.input?.payloads)) as
        | AnyRunInput
        | undefined;
    } else if (event.activityTaskScheduledEventAttributes) {
      const { activityType, input } = event.activityTaskScheduledEventAttributes;
      await this.#scheduledActivity(event, activityType?.name ?? '', input?.payloads);
    } else if (event.activityTaskCompletedEventAttributes) {
      const { scheduledEventId, result } = event.activityTaskCompletedEventAttributes;
      if (this.#typeOf(scheduledEventId) === ACTIVITY_TYPES.deliverWebhook) {
        const delivered = (await this.#first(result?.payloads)) as Delivered;
        this.facts.push({ kind: 'delivered', delivered, toldAtMs: tsToMs(event.eventTime) });
      }
    } else if (event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes) {
      await this.#failedActivity(event);
    } else if (event.workflowExecutionSignaledEventAttributes) {
      const { signalName, input } = event.workflowExecutionSignaledEventAttributes;
      await this.#signal(event, signalName ?? '', input?.payloads);
    } else if (event.workflowExecutionCompletedEventAttributes) {
      const result = (await this.#first(
        event.workflowExecutionCompletedEventAttributes.result?.payloads,
      )) as WebhookResult;
      this.facts.push({ kind: 'closed', result });
    } else if (event.workflowExecutionFailedEventAttributes) {
      const details = await this.#failureDetails(event.workflowExecutionFailedEventAttributes.failure);
      if (details.first !== undefined) this.facts.push({ kind: 'closed', result: details.first as WebhookResult });
    }
  }

  async #scheduledActivity(event: HistoryEvent, type: string, payloads: Payloads): Promise<void> {
    const eventId = String(event.eventId);
    this.#scheduled.set(eventId, { type });
    if (type === ACTIVITY_TYPES.fetchArtifacts) this.facts.push({ kind: 'fetching' });
    if (type === ACTIVITY_TYPES.deliverWebhook) {
      const input = (await this.#first(payloads)) as DeliverInput;
      this.#scheduled.set(eventId, { type, endpointId: input.endpoint.endpointId });
      this.facts.push({ kind: 'delivering', input, scheduledAtMs: tsToMs(event.eventTime) });
    }
    if (type === ACTIVITY_TYPES.recordDelivery) {
      this.facts.push({ kind: 'recording', record: (await this.#first(payloads)) as DeliveryRecord });
    }
  }

  async #failedActivity(event: HistoryEvent): Promise<void> {
    const attributes = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
    const activity = this.#scheduled.get(String(attributes?.scheduledEventId));
    if (activity?.endpointId === undefined) return;
    const { first, type } = await this.#failureDetails(attributes?.failure);
    if (first !== undefined) this.#attemptFailed(first, event);
    this.facts.push({ kind: 'gave_up', endpointId: activity.endpointId, failureType: type });
  }

  async #signal(event: HistoryEvent, name: string, payloads: Payloads): Promise<void> {
    // Others' signals are not ours to decode; ours may carry what a person typed.
    if (name !== SIGNALS.attemptFailed && name !== SIGNALS.cancel) return;
    const payload = await this.#signalPayload(payloads);
    if (payload === UNDECODABLE) return;
    if (name === SIGNALS.attemptFailed) this.#attemptFailed(payload, event);
    else this.facts.push({ kind: 'cancel_asked', request: readCancelRequest(payload) });
  }

  /** A payload that no converter reads (another encoding, no JSON) the run never heard either: its workflow task fails. It
   *  must not hide what the run did, or a run that was terminated for it could not be delivered again. What the codec
   *  refuses is told: the right keys, or `acceptPlain`, mend that. */
  async #signalPayload(payloads: Payloads): Promise<unknown> {
    const { payloadCodecs, payloadConverter } = this.#client.options.loadedDataConverter;
    const plain = await this.#decoded(decode(payloadCodecs, payloads ?? []));
    try {
      return arrayFromPayloads(payloadConverter, plain)[0];
    } catch {
      return UNDECODABLE;
    }
  }

  #attemptFailed(report: unknown, event: HistoryEvent): void {
    const read = readAttemptReport(report);
    if (read !== undefined)
      this.facts.push({ kind: 'attempt_failed', report: read, toldAtMs: tsToMs(event.eventTime) });
  }

  #typeOf(scheduledEventId: unknown): string | undefined {
    return this.#scheduled.get(String(scheduledEventId))?.type;
  }

  async #first(payloads: Payloads): Promise<unknown> {
    const { loadedDataConverter } = this.#client.options;
    return (await this.#decoded(decodeArrayFromPayloads(loadedDataConverter, payloads)))[0];
  }

  async #failureDetails(failure: Parameters<typeof decodeOptionalFailureToOptionalError>[1]) {
    const { loadedDataConverter } = this.#client.options;
    const error = await this.#decoded(decodeOptionalFailureToOptionalError(loadedDataConverter, failure));
    const own = error instanceof ActivityFailure ? error.cause : error;
    if (!(own instanceof ApplicationFailure)) return { first: undefined, type: undefined };
    return { first: own.details?.[0], type: own.type ?? undefined };
  }

  async #decoded<T>(decoding: Promise<T>): Promise<T> {
    try {
      return await decoding;
    } catch (error) {
      throw new UnreadableRunError(this.#workflowId, error);
    }
  }
}

const UNDECODABLE = Symbol('undecodable');

/** PENDING_ACTIVITY_STATE_SCHEDULED: in back-off, or waiting for a worker. */
const SCHEDULED = 1;

function pendingOf(description: WorkflowExecutionDescription): PendingDelivery[] {
  return (description.raw.pendingActivities ?? [])
    .filter((activity) => activity.activityType?.name === ACTIVITY_TYPES.deliverWebhook)
    .map((activity) => ({
      activityId: activity.activityId ?? '',
      attempt: activity.attempt ?? 1,
      isWaiting: Number(activity.state) === SCHEDULED,
      nextAttemptAtMs: optionalTsToMs(activity.nextAttemptScheduleTime ?? activity.scheduledTime),
    }));
}
