/**
 * Tells the host of deliveries that fail, end or recover, by the activity `notifyDelivery`. It runs beside the ladders
 * and never holds them up. Nothing is scheduled unless a worker has said that it can tell the host. Why so:
 * docs/decisions/0026.
 */
import { ActivityFailure, CancellationScope, isCancellation, log, sleep, workflowInfo } from '@temporalio/workflow';
import type { Delivery } from '../contract/delivery.ts';
import type { DeliveryEvent, DeliveryEventKind } from '../contract/delivery-event.ts';
import type { DeliveryStatus } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { attemptsIn } from '../contract/retry-schedule.ts';
import type { AttemptReport, DeliverySubject, Redelivery } from '../contract/run-messages.ts';
import { notifyDeliveryProxy } from './activity-proxies.ts';

/** How often an event is offered to workers that lack the activity, a minute apart. Then it is given up: the host has
 *  taken the port away. */
const MAX_OFFERS = 10;

export class Notifications {
  readonly #subject: DeliverySubject;
  readonly #redelivery: Redelivery | undefined;
  /** No cancel of the run reaches into it. */
  readonly #shield = new CancellationScope({ cancellable: false });
  /** By delivery: the kinds that were told, and the end of the last telling. Events of one delivery stay in order. */
  readonly #told = new Map<Delivery, { readonly kinds: readonly DeliveryEventKind[]; readonly last: Promise<void> }>();
  readonly #open = new Map<DeliveryEvent, CancellationScope>();
  #isWanted = false;

  constructor(subject: DeliverySubject, redelivery: Redelivery | undefined) {
    this.#subject = subject;
    this.#redelivery = redelivery;
  }

  /** Call it with what a worker reports. One that can tell the host says so. */
  heard(report: Pick<AttemptReport, 'notifies'> | null | undefined): void {
    this.#isWanted ||= report?.notifies === true;
  }

  /** The events that the host has not taken yet. */
  get open(): readonly DeliveryEvent[] {
    return [...this.#open.keys()];
  }

  /** Call it when the state of a delivery may have changed. Tells each event once. */
  look(delivery: Delivery, status: DeliveryStatus): void {
    if (!this.#isWanted) return;
    const { kinds, last } = this.#told.get(delivery) ?? { kinds: [], last: Promise.resolve() };
    const kind = this.#kindOf(status, kinds.length > 0);
    if (kind === undefined || kinds.includes(kind)) return;
    const event = this.#eventOf(kind, delivery, status);
    const scope = new CancellationScope({ cancellable: true, parent: this.#shield });
    this.#open.set(event, scope);
    const next = last.then(() => scope.run(() => untilTaken(event))).catch(unlessLetGo);
    this.#told.set(delivery, { kinds: [...kinds, kind], last: next.then(() => void this.#open.delete(event)) });
  }

  /** Resolves once the host has taken every event, or they were let go. */
  async taken(): Promise<void> {
    await Promise.all([...this.#told.values()].map(({ last }) => last));
  }

  /** Gives up what the host has not taken. */
  letGo(): void {
    for (const scope of this.#open.values()) scope.cancel();
  }

  /** What there is to tell now. A host that was told of a failing delivery also hears how that ended. */
  #kindOf({ state, endpointId, attempts }: DeliveryStatus, wasFailing: boolean): DeliveryEventKind | undefined {
    if (state === 'failed' || state === 'gone' || state === 'refused') return 'delivery.failed';
    // An attempt whose worker was killed says nothing about the receiver.
    if (state === 'retrying') return attempts.some(isFailed) ? 'delivery.failing' : undefined;
    if (state === 'cancelled') return wasFailing ? 'delivery.cancelled' : undefined;
    if (state !== 'delivered') return undefined;
    const { alreadyDelivered = [] } = this.#redelivery ?? {};
    const wasOpen = this.#redelivery !== undefined && !alreadyDelivered.includes(endpointId);
    return wasFailing || wasOpen ? 'delivery.recovered' : undefined;
  }

  #eventOf(kind: DeliveryEventKind, delivery: Delivery, status: DeliveryStatus): DeliveryEvent {
    const { workflowId, runId } = workflowInfo();
    const { event, callId, campaignId, accountId, cycle, runStartedAt } = this.#subject;
    const { webhookId, endpointId, host, state, attempts, nextAttemptAt } = status;
    const reason = kind === 'delivery.recovered' ? undefined : (status.reason ?? attempts.findLast(isFailed)?.code);
    return {
      id: `${webhookId}-${cycle}-${runId}-${kind.slice('delivery.'.length)}`,
      kind,
      at: new Date().toISOString(),
      event,
      ...given({ callId, campaignId, accountId }),
      cycle,
      workflowId,
      runId,
      webhookId,
      endpointId,
      host,
      state: state as DeliveryEvent['state'],
      ...given({ reason, nextAttemptAt }),
      attempts: attempts.length,
      of: attemptsIn(delivery.retryDelaysMs),
      startedAt: runStartedAt,
    };
  }
}

/** Resolves once the host has taken the event. Workers that lack the activity are offered it a few times more. */
async function untilTaken(event: DeliveryEvent): Promise<void> {
  for (let offer = 1; ; offer += 1) {
    try {
      return await notifyDeliveryProxy(event)(event);
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    }
    if (offer === MAX_OFFERS) break;
    await sleep('1 minute', { summary: `no worker can tell the host: ${event.kind} of ${event.host}` });
  }
  const { id, kind, endpointId } = event;
  log.warn('webhook.notification_given_up', { id, kind, endpointId, fix: 'give every worker deliveryEvents, or none' });
}

function unlessLetGo(error: unknown): void {
  if (!isCancellation(error)) throw error;
}

function isFailed({ outcome }: DeliveryStatus['attempts'][number]): boolean {
  return outcome !== 'unknown' && outcome !== 'delivered';
}
