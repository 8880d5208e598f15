/**
 * Reads the facts of a run out of its history. Payloads are decoded with the client's own data converter, so no worker
 * is needed. fold-run.ts folds the facts.
 */
import { ActivityFailure, ApplicationFailure, arrayFromPayloads, type LoadedDataConverter } from '@temporalio/common';
import {
  decode,
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { AttemptsStopped } from '../contract/delivery.ts';
import type { WebhookResult } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { SIGNALS } from '../contract/names.ts';
import { ACTIVITY_TYPES } from '../contract/server-names.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { readAttemptReport, readCancelRequest, readRetryNowSignal } from '../contract/signal-payloads.ts';
import type { Delivered, DeliverInput, AnyRunInput, WaitForUsInput } from '../contract/run-messages.ts';
import { said } from '../contract/who-asked.ts';
import { StoredPayloadError, UnreadableRunError } from './errors.ts';
import { type HistoryEvent } from './fetch-history.ts';
import { inHeardOrder, unheardIn, type CompletedTask, type NumberedFact } from './heard-order.ts';
import type { RunFact, RunFacts } from './run-facts.ts';
import { fetchedPayloads, fetchInto } from './stored-payloads.ts';

/** Input and facts of a history, which may be cut off at any event. Rejects with `UnreadableRunError`
 *  or `StoredPayloadError`. */
export async function readFacts(
  events: readonly HistoryEvent[],
  workflowId: string,
  converter: LoadedDataConverter,
): Promise<Pick<RunFacts, 'input' | 'facts' | 'unheard' | 'originalRunId' | 'startedAtMs' | 'isDelayed'>> {
  const reader = new HistoryReader(converter, workflowId);
  for (const event of events) await reader.take(event);
  const { input, originalRunId, startedAtMs, isDelayed } = reader;
  const unheard = unheardIn(reader.facts, reader.tasks);
  return {
    input,
    facts: inHeardOrder(reader.facts, reader.tasks),
    ...given({ originalRunId, startedAtMs, isDelayed, unheard: unheard.length === 0 ? undefined : unheard }),
  };
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];
type Failure = Parameters<typeof decodeOptionalFailureToOptionalError>[1];

/** RETRY_STATE_CANCEL_REQUESTED: Temporal stopped the retries because a cancel was asked for. */
const CANCEL_REQUESTED = 7;

/** Undefined if it is no result of ours: another worker of the task queue has an activity with our name. The run's task
 *  fails of it, and the status must tell that. */
function readDelivered(result: unknown): Delivered | undefined {
  const report = readAttemptReport(result);
  return report && { ...report, recorded: (result as Partial<Delivered>).recorded === true };
}

class HistoryReader {
  readonly facts: NumberedFact[] = [];
  readonly tasks: CompletedTask[] = [];
  #eventId = 0;
  input: AnyRunInput | undefined;
  originalRunId: string | undefined;
  startedAtMs: number | undefined;
  /** Undefined if the run was started without a delay. */
  isDelayed: boolean | undefined;
  readonly #converter: LoadedDataConverter;
  readonly #workflowId: string;
  /** Endpoint ids of the delivery activities, by the id of the event that scheduled each. */
  readonly #deliveries = new Map<string, string>();
  readonly #fetches = new Set<string>();
  /** Endpoint ids of the deliveries that wait for us, likewise. */
  readonly #waits = new Map<string, string>();

  constructor(converter: LoadedDataConverter, workflowId: string) {
    this.#converter = converter;
    this.#workflowId = workflowId;
  }

  async take(event: HistoryEvent): Promise<void> {
    const atMs = optionalTsToMs(event.eventTime) ?? 0;
    this.#eventId = Number(event.eventId);
    const { workflowTaskCompletedEventAttributes: task } = event;
    if (task) this.tasks.push({ startedId: Number(task.startedEventId), completedId: this.#eventId });
    if (event.workflowExecutionStartedEventAttributes) {
      const { input, originalExecutionRunId, firstWorkflowTaskBackoff } = event.workflowExecutionStartedEventAttributes;
      this.originalRunId = originalExecutionRunId || undefined;
      this.startedAtMs = atMs;
      if ((optionalTsToMs(firstWorkflowTaskBackoff) ?? 0) > 0) this.isDelayed = true;
      this.input = (await this.#first(input?.payloads)) as AnyRunInput | undefined;
    } else if (event.workflowTaskScheduledEventAttributes) {
      if (this.isDelayed !== undefined) this.isDelayed = false;
    } else if (event.timerFiredEventAttributes) {
      this.#happened({ kind: 'timer_fired', atMs });
    } else if (event.activityTaskScheduledEventAttributes) {
      await this.#scheduledActivity(event, atMs);
    } else if (event.activityTaskCompletedEventAttributes) {
      const { scheduledEventId, result } = event.activityTaskCompletedEventAttributes;
      if (this.#fetches.has(String(scheduledEventId))) this.#happened({ kind: 'fetched', atMs });
      const released = this.#waits.get(String(scheduledEventId));
      if (released !== undefined) this.#happened({ kind: 'released', endpointId: released, atMs });
      if (!this.#deliveries.has(String(scheduledEventId))) return;
      const delivered = readDelivered(await this.#first(result?.payloads));
      if (delivered !== undefined) this.#happened({ kind: 'delivered', delivered, atMs });
    } else if (event.workflowExecutionSignaledEventAttributes) {
      const { signalName, input, identity } = event.workflowExecutionSignaledEventAttributes;
      await this.#signal(signalName ?? '', input?.payloads, said(identity), atMs);
    } else if (event.workflowExecutionCancelRequestedEventAttributes) {
      const { identity, cause } = event.workflowExecutionCancelRequestedEventAttributes;
      this.#happened({ kind: 'cancel_asked', signal: {}, ...given({ by: said(identity), cause: said(cause) }), atMs });
    } else if (event.workflowExecutionTerminatedEventAttributes) {
      const { reason, identity } = event.workflowExecutionTerminatedEventAttributes;
      const who = given({ terminateReason: said(reason), terminatedBy: said(identity) });
      this.#happened({ kind: 'terminated', who, atMs });
    } else if (event.workflowExecutionCompletedEventAttributes) {
      const { result } = event.workflowExecutionCompletedEventAttributes;
      this.#happened({ kind: 'closed', result: (await this.#first(result?.payloads)) as WebhookResult, atMs });
    } else if (event.workflowExecutionFailedEventAttributes) {
      const { failure } = event.workflowExecutionFailedEventAttributes;
      const result = (await this.#failureDetails(failure)).first as WebhookResult | undefined;
      if (result !== undefined) this.#happened({ kind: 'closed', result, atMs });
    } else {
      await this.#stoppedActivity(event, atMs);
    }
  }

  #happened(fact: RunFact): void {
    this.facts.push({ eventId: this.#eventId, fact });
  }

  async #scheduledActivity(event: HistoryEvent, atMs: number): Promise<void> {
    const { activityType, input } = event.activityTaskScheduledEventAttributes ?? {};
    const type = activityType?.name;
    if (type === ACTIVITY_TYPES.fetchArtifacts) {
      this.#fetches.add(String(event.eventId));
      this.#happened({ kind: 'fetching', atMs });
    }
    if (type === ACTIVITY_TYPES.deliverWebhook) {
      const delivery = (await this.#first(input?.payloads)) as DeliverInput;
      this.#deliveries.set(String(event.eventId), delivery.endpoint.endpointId);
      this.#happened({ kind: 'delivering', input: delivery, atMs });
    }
    if (type === ACTIVITY_TYPES.waitForUs) {
      const { endpoint } = (await this.#first(input?.payloads)) as WaitForUsInput;
      this.#waits.set(String(event.eventId), endpoint.endpointId);
    }
    if (type === ACTIVITY_TYPES.recordDelivery) {
      this.#happened({ kind: 'recording', record: (await this.#first(input?.payloads)) as DeliveryRecord, atMs });
    }
  }

  /** Reads the event of an activity that failed, timed out or was cancelled. */
  async #stoppedActivity(event: HistoryEvent, atMs: number): Promise<void> {
    const { activityTaskFailedEventAttributes: failed, activityTaskTimedOutEventAttributes: timedOut } = event;
    const attributes = failed ?? timedOut ?? event.activityTaskCanceledEventAttributes;
    const endpointId = this.#deliveries.get(String(attributes?.scheduledEventId));
    if (endpointId === undefined) return;
    const isAsked = Number((failed ?? timedOut)?.retryState) === CANCEL_REQUESTED;
    const unreported: AttemptsStopped = timedOut ? { how: 'timed_out', isAsked } : { how: 'cancelled' };
    const stop = failed ? await this.#failedStop(failed.failure, isAsked) : unreported;
    this.#happened({ kind: 'stopped', endpointId, stop, ...given({ by: said(failed?.identity) }), atMs });
  }

  async #failedStop(failure: Failure, isAsked: boolean): Promise<AttemptsStopped> {
    const { first, type, isFinal } = await this.#failureDetails(failure);
    return { how: 'failed', isFinal, isAsked, ...given({ type, report: readAttemptReport(first) }) };
  }

  async #signal(name: string, payloads: Payloads, by: string | undefined, atMs: number): Promise<void> {
    // Only our own signals are decoded. They may carry what a person typed.
    if (name !== SIGNALS.attemptFailed && name !== SIGNALS.cancel && name !== SIGNALS.retryNow) return;
    const payload = await this.#signalPayload(payloads);
    if (payload === UNDECODABLE) return;
    if (name === SIGNALS.cancel)
      this.#happened({ kind: 'cancel_asked', signal: readCancelRequest(payload), ...given({ by }), atMs });
    if (name === SIGNALS.retryNow)
      this.#happened({ kind: 'retry_now_asked', signal: readRetryNowSignal(payload), ...given({ by }), atMs });
    const report = name === SIGNALS.attemptFailed ? readAttemptReport(payload) : undefined;
    if (report !== undefined) this.#happened({ kind: 'attempt_failed', report, atMs });
  }

  /** Decodes the payload of a signal. If the converter cannot read it (wrong encoding, no JSON), the run could not
   *  either: its workflow task fails. Such a signal is skipped. Otherwise a run that was terminated because of it
   *  could never be redelivered. If the codec refuses it, we throw: the right keys, or the codec's `acceptPlain`, fix
   *  that. */
  async #signalPayload(payloads: Payloads): Promise<unknown> {
    const { payloadCodecs, payloadConverter } = this.#converter;
    const all = await this.#fetched(fetchedPayloads(this.#converter, payloads ?? []));
    const plain = await this.#decoded(decode(payloadCodecs, all));
    try {
      return arrayFromPayloads(payloadConverter, plain)[0];
    } catch {
      return UNDECODABLE;
    }
  }

  async #first(payloads: Payloads): Promise<unknown> {
    const all = await this.#fetched(fetchedPayloads(this.#converter, payloads));
    return (await this.#decoded(decodeArrayFromPayloads(this.#converter, all)))[0];
  }

  async #failureDetails(failure: Failure) {
    await this.#fetched(fetchInto(this.#converter, failure));
    const error = await this.#decoded(decodeOptionalFailureToOptionalError(this.#converter, failure));
    const own = error instanceof ActivityFailure ? error.cause : error;
    if (!(own instanceof ApplicationFailure)) return { first: undefined, type: undefined, isFinal: false };
    return { first: own.details?.[0], type: own.type ?? undefined, isFinal: own.nonRetryable === true };
  }

  async #fetched<T>(fetching: Promise<T>): Promise<T> {
    try {
      return await fetching;
    } catch (error) {
      throw new StoredPayloadError(this.#workflowId, error);
    }
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
