/**
 * Tells the host of deliveries that fail, end or recover, by the activity `notifyDelivery`. It runs beside the ladders
 * and never holds them up. Nothing is scheduled unless a worker has said that it can tell the host. Why so:
 * docs/decisions/0026.
 */
import { CancellationScope, TemporalFailure } from '@temporalio/workflow';
import type { Delivery } from '../contract/delivery.ts';
import { isFinal, type DeliveryStatus } from '../contract/delivery-state.ts';
import type { AnyRunInput, AttemptReport, NotifyInput } from '../contract/run-messages.ts';
import { notifyDeliveryProxy } from './activity-proxies.ts';

/** What a run knows of itself. */
type About = Pick<NotifyInput, 'subject'> & { readonly redelivery: AnyRunInput['redelivery'] };

export class Notifications {
  /** How much the host has not taken yet. */
  open = 0;
  readonly #run: About;
  /** Made when it is needed: each scope is three promises, and the SDK walks the stack for every one. */
  #scope: CancellationScope | undefined;
  /** What was told, by endpoint id and state, and the end of the telling. */
  readonly #told = new Map<string, Promise<void>>();
  #isWanted = false;

  constructor(run: About) {
    this.#run = run;
  }

  /** Call it with what a worker reports. One that can tell the host says so. */
  heard(report: Pick<AttemptReport, 'notifies'> | null | undefined): void {
    this.#isWanted ||= report?.notifies === true;
  }

  /** Call it when the state of a delivery may have changed. Tells each state once, and those of one delivery in
   *  order. */
  look(delivery: Delivery): void {
    if (!this.#isWanted) return;
    // The phase of the run is no news.
    const status = delivery.status('delivering');
    const { endpointId, state } = status;
    const failing = this.#told.get(`${endpointId}retrying`);
    if (this.#told.has(endpointId + state) || !this.#isNews(status, failing !== undefined)) return;
    const { retryDelaysMs } = delivery;
    const input = { at: new Date().toISOString(), subject: this.#run.subject, delivery: status, retryDelaysMs };
    this.#told.set(endpointId + state, this.#tell(input, failing));
  }

  /** Resolves once the host has taken everything, or it was let go. Undefined if it was told nothing. */
  taken(): Promise<unknown> | undefined {
    return this.#told.size === 0 ? undefined : Promise.all(this.#told.values());
  }

  /** Gives up what the host has not taken. */
  letGo(): void {
    this.#shielded().cancel();
  }

  /** No cancel of the run reaches into this scope. */
  #shielded(): CancellationScope {
    this.#scope ??= new CancellationScope({
      cancellable: true,
      parent: new CancellationScope({ cancellable: false }),
    });
    return this.#scope;
  }

  /** A host that was told of a failing delivery also hears how that ended. An attempt whose worker was killed says
   *  nothing about the receiver. */
  #isNews({ state, attempts, endpointId }: DeliveryStatus, wasFailing: boolean): boolean {
    if (state === 'retrying') return attempts.some(({ outcome }) => outcome !== 'unknown');
    if (state === 'cancelled') return wasFailing;
    if (state !== 'delivered') return isFinal(state);
    return wasFailing || this.#run.redelivery?.alreadyDelivered?.includes(endpointId) === false;
  }

  async #tell(input: NotifyInput, before: Promise<void> | undefined): Promise<void> {
    this.open += 1;
    try {
      await before;
      await this.#shielded().run(() => notifyDeliveryProxy(input)(input));
    } catch (error) {
      // Let go, by the signal or by an operator who ended the activity.
      if (!(error instanceof TemporalFailure)) throw error;
    }
    this.open -= 1;
  }
}
