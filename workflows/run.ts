/** What every run has in common: its tracks, its messages, its cancellation. Each workflow of the bundle opens one. */
import {
  CancellationScope,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  worstState,
  type ArtifactStatuses,
  type LiveState,
  type WebhookResult,
  type WebhookStatus,
} from '../contract/delivery-state.ts';
import type { FrozenBody } from '../contract/render-body.ts';
import { attemptsIn } from '../contract/retry-schedule.ts';
import type { CancelSignal, DeliverySubject, RunInput } from '../contract/run-messages.ts';
import { readAttemptReport, readCancelRequest, readRetryNowRequest } from '../contract/signal-payloads.ts';
import { DeliveryTrack } from './delivery-track.ts';
import { liveDetails } from './live-details.ts';
import { attemptFailedSignal, cancelSignal, DESCRIPTIONS, retryNowSignal, statusQuery } from './messages.ts';

const webhookState = defineSearchAttributeKey('WebhookState', SearchAttributeType.KEYWORD);

export class WebhookRun {
  readonly tracks: readonly DeliveryTrack[];
  readonly subject: DeliverySubject;
  /** Set when the server itself asked to cancel (Web UI button, `handle.cancel()` of the SDK, our own cancelOwnRun). */
  cancelledByServer = false;
  /** Resolves once the server has asked to cancel. */
  readonly serverCancel: Promise<void>;
  readonly #input: RunInput;
  readonly #preparation = new CancellationScope({ cancellable: true });
  #phase: LiveState = 'settling';
  #artifacts: ArtifactStatuses | undefined;
  #cancelReason: string | undefined;
  #shownState = 'started';

  /** Call it first thing in a workflow, in its root scope: messages may stand in the very first task. */
  constructor(input: RunInput, ids: Pick<DeliverySubject, 'callId' | 'campaignId'>) {
    this.#input = input;
    this.tracks = input.endpoints.map((endpoint) => new DeliveryTrack(endpoint, input.policy.retryDelaysMs));
    this.subject = {
      event: input.event,
      ...ids,
      ...(input.accountId === undefined ? {} : { accountId: input.accountId }),
      cycle: input.redelivery?.cycle ?? 1,
      runStartedAt: workflowInfo().startTime.toISOString(),
    };
    this.#artifacts = input.redelivery?.artifacts;
    this.serverCancel = CancellationScope.current().cancelRequested.catch(() => {
      this.cancelledByServer = true;
      this.#cancel({});
    });
    this.#listen();
    this.show();
  }

  enter(phase: 'settling' | 'fetching' | 'delivering'): void {
    this.#phase = phase;
    this.show();
  }

  /** Runs what comes before the deliveries, unless a redelivery brought its body along; undefined where a cancel of all
   *  endpoints ended it. */
  async prepare(freeze: () => Promise<FrozenBody>): Promise<string | undefined> {
    try {
      if (this.#input.redelivery?.body !== undefined) return this.#input.redelivery.body;
      const { body, artifacts } = await this.#preparation.run(freeze);
      if (artifacts !== undefined) this.#artifacts = artifacts;
      return body;
    } catch (error) {
      if (!isCancellation(error) || !this.#preparation.consideredCancelled) throw error;
      return undefined;
    } finally {
      this.enter('delivering');
    }
  }

  /** Puts the state where people look: current details for a reader, `WebhookState` for lists. A delivery that goes well
   *  at once costs no upsert: Completed and `started` says it. */
  show(): void {
    setCurrentDetails(liveDetails(this.status(), attemptsIn(this.#input.policy.retryDelaysMs)));
    const { state } = this.status();
    const worthTelling =
      state === 'retrying' || (this.#isClosed && !(state === 'delivered' && this.#shownState === 'started'));
    if (!this.#input.searchAttributes || !worthTelling || state === this.#shownState) return;
    this.#shownState = state;
    upsertSearchAttributes([{ key: webhookState, value: state }]);
  }

  status(): WebhookStatus {
    const deliveries = [...this.tracks.map((track) => track.status(this.#phase)), ...this.#settled];
    const states = deliveries.map((delivery) => delivery.state);
    const state = this.#isClosed ? this.result().state : states.includes('retrying') ? 'retrying' : this.#phase;
    return { ...this.#head(), state, deliveries };
  }

  /** The outcome, once every delivery has one. */
  result(): WebhookResult {
    const deliveries = [...this.tracks.map((track) => track.outcome()), ...this.#settled];
    return { ...this.#head(), state: worstState(deliveries.map((delivery) => delivery.state)), deliveries };
  }

  get #isClosed(): boolean {
    return this.tracks.every((track) => track.isClosed);
  }

  get #settled() {
    return (this.#input.redelivery?.settled ?? []).map(({ outcome }) => outcome);
  }

  #head() {
    return {
      workflowId: workflowInfo().workflowId,
      event: this.#input.event,
      ...(this.#artifacts === undefined ? {} : { artifacts: this.#artifacts }),
      ...(this.#cancelReason === undefined ? {} : { cancelReason: this.#cancelReason }),
    };
  }

  #listen(): void {
    setHandler(cancelSignal, (payload) => this.#cancel(readCancelRequest(payload)), {
      description: DESCRIPTIONS.cancel,
    });
    setHandler(
      retryNowSignal,
      (payload) => {
        const request = readRetryNowRequest(payload);
        for (const track of this.#tracksOf(request.endpointId)) track.hurry(request);
        this.show();
      },
      { description: DESCRIPTIONS.retryNow },
    );
    setHandler(
      attemptFailedSignal,
      (payload) => {
        const report = readAttemptReport(payload);
        if (report === undefined) return;
        for (const track of this.#tracksOf(report.endpointId)) track.enter(report);
        this.show();
      },
      { description: DESCRIPTIONS.attemptFailed },
    );
    setHandler(statusQuery, () => this.status(), { description: DESCRIPTIONS.status });
  }

  /** The first reason given stands. A cancel of every endpoint, one by one, ends the preparation as a whole one does. */
  #cancel({ reason, endpointId, attemptsMade = {} }: CancelSignal): void {
    const tracks = this.#tracksOf(endpointId).filter((track) => !track.isClosed);
    if (tracks.length > 0) this.#cancelReason ??= reason;
    for (const track of tracks) track.cancel(attemptsMade[track.endpoint.endpointId]);
    if (this.tracks.every((track) => track.cancelAsked)) this.#preparation.cancel();
    this.show();
  }

  #tracksOf(endpointId: string | undefined): readonly DeliveryTrack[] {
    return this.tracks.filter((track) => endpointId === undefined || track.endpoint.endpointId === endpointId);
  }
}
