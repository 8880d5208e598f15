/**
 * The life of one run: its phase before the deliveries, its deliveries, and what people asked of it. Like a delivery it has two
 * readers: the workflow while the run goes on, and the client, which feeds it from history. `status()` and `result()` exist here
 * alone. Pure: the time comes in.
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

  /** The settle delay is over, or was none. */
  settled(): void {
    if (this.#phase === 'settling') this.#phase = expectsArtifacts(this.#input) ? 'fetching' : 'delivering';
  }

  /** A timer has fired: the settle delay, or a wait between two attempts. */
  timerFired(atMs: number): void {
    this.settled();
    for (const delivery of this.deliveries) delivery.waited(atMs);
  }

  /** Artifacts are asked for. */
  fetching(): void {
    if (!this.#isPrepared) this.#phase = 'fetching';
  }

  /** The artifacts are there, and the body is about to be frozen. */
  fetched(): void {
    this.#phase = 'delivering';
  }

  /** The body is frozen, or will never be: what was cancelled before it ends now. */
  prepared(artifacts?: ArtifactStatuses): void {
    this.#artifacts ??= artifacts;
    this.#isPrepared = true;
    this.#phase = 'delivering';
    for (const delivery of this.deliveries) {
      if (delivery.life.is === 'preparing' && delivery.isCancelled) delivery.end('cancelled');
    }
  }

  /** The deliveries of one endpoint, or all of them. */
  of(endpointId: string | undefined): readonly Delivery[] {
    return this.deliveries.filter(({ endpoint }) => endpointId === undefined || endpoint.endpointId === endpointId);
  }

  /** A failed attempt told its outcome. */
  reported(report: AttemptReport, atMs: number): void {
    for (const delivery of this.of(report.endpointId)) delivery.reported(report, atMs);
  }

  /** Returns the deliveries that are to stop. The first reason stands. Where every delivery is cancelled before the body was
   *  frozen, nothing is prepared any more. */
  cancel({ reason, endpointId, attemptsMade = {} }: CancelSignal, atMs: number): readonly Delivery[] {
    const asked = this.of(endpointId);
    const open = asked.filter((each) => each.cancel(atMs, attemptsMade[each.endpoint.endpointId]));
    if (asked.some((each) => each.isCancelled)) this.#cancelReason ??= reason;
    if (this.deliveries.every((each) => each.isCancelled && each.life.is === 'preparing')) this.prepared();
    return open;
  }

  /** Returns the deliveries whose waiting attempt goes now. */
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

  /** The outcome, once every delivery has one. Throws before that. */
  result(): WebhookResult {
    const deliveries = [...this.deliveries.map((delivery) => delivery.outcome()), ...this.#alreadyEnded];
    return { ...this.#head, state: worstState(deliveries.map(({ state }) => state)), deliveries };
  }

  #stateOf(states: readonly LiveState[]): LiveState {
    if (this.hasEnded) return worstState(states.filter(isFinal));
    return states.includes('retrying') ? 'retrying' : this.#phase;
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

/** Whether this run fetches artifacts: a completed call that expects any. */
export function expectsArtifacts(input: AnyRunInput): boolean {
  return input.event === 'call.completed' && 'expects' in input && Object.values(input.expects).includes(true);
}

function firstPhase(input: AnyRunInput): 'settling' | 'fetching' | 'delivering' {
  if (input.redelivery?.body !== undefined) return 'delivering';
  if (settleDelayFor(input.event, input.policy.settleDelayMs) > 0) return 'settling';
  return expectsArtifacts(input) ? 'fetching' : 'delivering';
}
