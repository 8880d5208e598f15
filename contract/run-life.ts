/**
 * The life of one run: its phase before the deliveries, its deliveries, and what people asked of it. Both the
 * workflow and the client use it. The workflow tells it each thing as it happens, and the client tells it the same
 * things from history. Only this file computes `status()` and `result()`. Pure: times are arguments, in ms since
 * 1970.
 */
import { Delivery } from './delivery.ts';
import {
  isFinal,
  worstState,
  type ArtifactStatuses,
  type DeliveryOutcome,
  type LiveState,
  type WebhookResult,
  type WebhookStatus,
} from './delivery-state.ts';
import { settleDelayFor } from './delivery-policy.ts';
import { given } from './given.ts';
import type { AnyRunInput, AttemptReport, CancelSignal, RetryNowSignal } from './run-messages.ts';

export class RunLife {
  readonly deliveries: readonly Delivery[];
  readonly #workflowId: string;
  readonly #input: AnyRunInput;
  #phase: 'settling' | 'fetching' | 'delivering';
  #artifacts: ArtifactStatuses | undefined;
  #isPrepared: boolean;
  #cancelReason: string | undefined;

  constructor(workflowId: string, input: AnyRunInput) {
    const { endpoints, policy, redelivery } = input;
    this.#workflowId = workflowId;
    this.#input = input;
    const trigger = redelivery === undefined ? 'schedule' : 'redelivery';
    this.deliveries = endpoints.map((endpoint) => new Delivery(endpoint, policy.retryDelaysMs, trigger));
    this.#artifacts = redelivery?.artifacts;
    this.#phase = firstPhase(input);
    this.#isPrepared = redelivery?.body !== undefined;
  }

  /** Call it when the settle delay is over, or when the event has none. */
  settled(): void {
    if (this.#phase === 'settling') this.#phase = expectsArtifacts(this.#input) ? 'fetching' : 'delivering';
  }

  /** Call it when a timer has fired: the settle delay, or a wait between two attempts. */
  timerFired(atMs: number): void {
    this.settled();
    for (const delivery of this.deliveries) delivery.waited(atMs);
  }

  /** Call it when the artifacts are being fetched. */
  fetching(): void {
    if (!this.#isPrepared) this.#phase = 'fetching';
  }

  /** Call it when the artifacts have arrived. The body is frozen next. */
  fetched(): void {
    this.#phase = 'delivering';
  }

  /** Call it when the body is frozen, or will never be. Deliveries that were cancelled before this end now. */
  prepared(artifacts?: ArtifactStatuses): void {
    this.#artifacts ??= artifacts;
    this.#isPrepared = true;
    this.#phase = 'delivering';
    for (const delivery of this.deliveries) {
      if (delivery.life.is === 'preparing' && delivery.isCancelled) delivery.end('cancelled');
    }
  }

  /** The delivery to one endpoint; without `endpointId` all deliveries. */
  of(endpointId: string | undefined): readonly Delivery[] {
    return this.deliveries.filter(({ endpoint }) => endpointId === undefined || endpoint.endpointId === endpointId);
  }

  /** Call it when a failed attempt has reported its outcome. */
  reported(report: AttemptReport, atMs: number): void {
    for (const delivery of this.of(report.endpointId)) delivery.reported(report, atMs);
  }

  /** Call it when a cancel arrives. Returns the deliveries that must stop. The first reason is kept. If every
   *  delivery is cancelled before the body is frozen, no body is made, and all of them end here. */
  cancel({ reason, endpointId, attemptsMade = {} }: CancelSignal, atMs: number): readonly Delivery[] {
    const asked = this.of(endpointId);
    const open = asked.filter((each) => each.cancel(atMs, attemptsMade[each.endpoint.endpointId]));
    if (asked.some((each) => each.isCancelled)) this.#cancelReason ??= reason;
    if (this.deliveries.every((each) => each.isCancelled && each.life.is === 'preparing')) this.prepared();
    return open;
  }

  /** Call it when a retryNow arrives. Returns the deliveries whose waiting attempt goes now. */
  retryNow(signal: RetryNowSignal, atMs: number): readonly Delivery[] {
    return this.of(signal.endpointId).filter((delivery) => delivery.retryNow(signal, atMs));
  }

  get hasEnded(): boolean {
    return this.deliveries.every((delivery) => delivery.hasEnded);
  }

  /** Where the run stands. */
  status(): WebhookStatus {
    const deliveries = [...this.deliveries.map((delivery) => delivery.status(this.#phase)), ...this.#alreadyEnded];
    return { ...this.#head, state: this.#stateOf(deliveries.map(({ state }) => state)), deliveries };
  }

  /** The outcome of the run. Throws if a delivery has not ended, which is a bug of ours. */
  result(): WebhookResult {
    const deliveries = [...this.deliveries.map((delivery) => delivery.outcome()), ...this.#alreadyEnded];
    return { ...this.#head, state: worstState(deliveries.map(({ state }) => state)), deliveries };
  }

  #stateOf(states: readonly LiveState[]): LiveState {
    if (this.hasEnded) return worstState(states.filter(isFinal));
    return (['waiting_for_us', 'retrying'] as const).find((state) => states.includes(state)) ?? this.#phase;
  }

  get #alreadyEnded(): DeliveryOutcome[] {
    return (this.#input.redelivery?.alreadyEnded ?? []).map(({ outcome }) => outcome);
  }

  get #head() {
    return {
      workflowId: this.#workflowId,
      event: this.#input.event,
      ...given({ artifacts: this.#artifacts, cancelReason: this.#cancelReason }),
    };
  }
}

/** Whether this run fetches artifacts: only a completed call that expects at least one does. */
export function expectsArtifacts(input: AnyRunInput): boolean {
  return input.event === 'call.completed' && 'expects' in input && Object.values(input.expects).includes(true);
}

function firstPhase(input: AnyRunInput): 'settling' | 'fetching' | 'delivering' {
  if (input.redelivery?.body !== undefined) return 'delivering';
  if (settleDelayFor(input.event, input.policy.settleDelayMs) > 0) return 'settling';
  return expectsArtifacts(input) ? 'fetching' : 'delivering';
}
