/** What every run has in common: its deliveries, its messages, its cancellation, and what the Web UI shows of it. */
import {
  CancellationScope,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { Delivery } from '../contract/delivery.ts';
import { given } from '../contract/given.ts';
import { STATE_ATTRIBUTE } from '../contract/names.ts';
import type { FrozenBody } from '../contract/render-body.ts';
import { attemptsIn } from '../contract/retry-schedule.ts';
import { RunLife } from '../contract/run-life.ts';
import type { AnyRunInput, CancelSignal, DeliverySubject } from '../contract/run-messages.ts';
import { readAttemptReport, readCancelRequest, readRetryNowSignal } from '../contract/signal-payloads.ts';
import { Interrupts } from './interrupts.ts';
import { liveDetails } from './live-details.ts';
import { attemptFailedSignal, cancelSignal, DESCRIPTIONS, retryNowSignal, statusQuery } from './messages.ts';

const webhookState = defineSearchAttributeKey(STATE_ATTRIBUTE, SearchAttributeType.KEYWORD);

export class WebhookRun {
  readonly life: RunLife;
  readonly subject: DeliverySubject;
  readonly interrupts = new Interrupts();
  /** Set when the server itself asked to cancel (Web UI button, `handle.cancel()` of the SDK, our own cancelOwnRun). */
  cancelledByServer = false;
  /** Resolves once the server has asked to cancel. */
  readonly serverCancel: Promise<void>;
  readonly #input: AnyRunInput;
  readonly #preparation = new CancellationScope({ cancellable: true });
  #shownState = 'started';

  /** Call it first thing in a workflow, in its root scope: messages may stand in the very first task. */
  constructor(input: AnyRunInput, ids: Pick<DeliverySubject, 'callId' | 'campaignId'>) {
    const { workflowId, startTime } = workflowInfo();
    this.#input = input;
    this.life = new RunLife(workflowId, input);
    this.subject = {
      event: input.event,
      ...ids,
      ...given({ accountId: input.accountId }),
      cycle: input.redelivery?.cycle ?? 1,
      runStartedAt: startTime.toISOString(),
    };
    this.serverCancel = CancellationScope.current().cancelRequested.catch(() => {
      this.cancelledByServer = true;
      this.#cancel({});
    });
    this.#listen();
    this.show();
  }

  /** The body that every attempt sends: the one a redelivery brought along, else what `freeze` makes. Undefined where every
   *  delivery was cancelled meanwhile. */
  async unlessCancelled(freeze: () => Promise<FrozenBody>): Promise<string | undefined> {
    try {
      const brought = this.#input.redelivery?.body;
      const { body, artifacts } = brought === undefined ? await this.#preparation.run(freeze) : { body: brought };
      this.life.prepared(artifacts);
      return body;
    } catch (error) {
      if (!isCancellation(error) || !this.#preparation.consideredCancelled) throw error;
      return undefined;
    } finally {
      this.show();
    }
  }

  /** The settle delay is over. */
  settled(): void {
    this.life.settled();
    this.show();
  }

  /** Side by side: one endpoint never delays another. */
  async forEachDelivery(work: (delivery: Delivery) => Promise<void>): Promise<void> {
    await Promise.all(this.life.deliveries.map(work));
  }

  /** Puts the state where people look: current details for a reader, `WebhookState` for lists. A delivery that goes well at once
   *  costs no upsert: Completed and `started` say it. */
  show(): void {
    const status = this.life.status();
    setCurrentDetails(liveDetails(status, attemptsIn(this.#input.policy.retryDelaysMs)));
    const { state } = status;
    const isWell = state === 'delivered' && this.#shownState === 'started';
    const isWorthTelling = state === 'retrying' || (this.life.hasEnded && !isWell);
    if (!this.#input.searchAttributes || !isWorthTelling || state === this.#shownState) return;
    this.#shownState = state;
    upsertSearchAttributes([{ key: webhookState, value: state }]);
  }

  // Handlers read payloads by contract/signal-payloads.ts, as people type them: none may throw.
  #listen(): void {
    setHandler(cancelSignal, (payload) => this.#cancel(readCancelRequest(payload)), {
      description: DESCRIPTIONS.cancel,
    });
    setHandler(
      retryNowSignal,
      (payload) => this.#interrupt(this.life.retryNow(readRetryNowSignal(payload), Date.now())),
      {
        description: DESCRIPTIONS.retryNow,
      },
    );
    setHandler(
      attemptFailedSignal,
      (payload) => {
        const report = readAttemptReport(payload);
        if (report !== undefined) this.life.reported(report, Date.now());
        this.show();
      },
      { description: DESCRIPTIONS.attemptFailed },
    );
    setHandler(statusQuery, () => this.life.status(), { description: DESCRIPTIONS.status });
  }

  #cancel(signal: CancelSignal): void {
    const stopping = this.life.cancel(signal, Date.now());
    if (this.life.deliveries.every(({ isCancelled }) => isCancelled)) this.#preparation.cancel();
    this.#interrupt(stopping);
  }

  #interrupt(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.interrupts.interrupt(delivery);
    this.show();
  }
}
