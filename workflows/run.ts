/** What every run has in common: its deliveries, its signals and queries, its cancellation, and what the Web UI
 *  shows. */
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
import { promisedAtMs } from '../contract/delivery-policy.ts';
import { given } from '../contract/given.ts';
import { ATTRIBUTES } from '../contract/names.ts';
import { problemOfBody } from '../contract/run-input-problem.ts';
import type { FrozenBody } from '../contract/render-body.ts';
import { attemptsIn } from '../contract/retry-schedule.ts';
import { RunLife } from '../contract/run-life.ts';
import type { AnyRunInput, CancelSignal, DeliverySubject } from '../contract/run-messages.ts';
import { readAttemptReport, readCancelRequest, readRetryNowSignal } from '../contract/signal-payloads.ts';
import { invalidRun } from './invalid-run.ts';
import { Interrupts } from './interrupts.ts';
import { liveDetails } from './live-details.ts';
import { Notifications } from './notify.ts';
import { attemptFailedSignal, cancelSignal, DESCRIPTIONS, retryNowSignal, statusQuery } from './messages.ts';

const webhookState = defineSearchAttributeKey(ATTRIBUTES.state, SearchAttributeType.KEYWORD);

export class WebhookRun {
  readonly life: RunLife;
  readonly subject: DeliverySubject;
  readonly interrupts = new Interrupts();
  readonly redelivery: AnyRunInput['redelivery'];
  readonly mayDeliverEagerly: boolean;
  readonly notifications = new Notifications(this);
  /** True once the server has asked to cancel: by the Web UI's button, the SDK's own `handle.cancel()`, or our
   *  cancelOwnRun. The `cancel` of our handle is a signal. */
  cancelledByServer = false;
  /** Resolves once the server has asked to cancel. The root scope is cancelled then: what no cancel may abort runs in a
   *  scope that is not cancellable. */
  readonly serverCancel: Promise<void>;
  readonly #input: AnyRunInput;
  readonly #preparation: CancellationScope;
  #shownState = 'started';
  #repairs: AnyRunInput['repairs'];

  /** Construct it first in a workflow, in its root scope: the very first workflow task may already carry signals. */
  constructor(input: AnyRunInput, ids: Pick<DeliverySubject, 'callId' | 'campaignId'>) {
    const { workflowId, runId, originalExecutionRunId, startTime } = workflowInfo();
    this.#input = input;
    this.#repairs = input.repairs;
    this.life = new RunLife(workflowId, input);
    this.subject = {
      event: input.event,
      ...ids,
      ...given({ accountId: input.accountId }),
      cycle: input.redelivery?.cycle ?? 1,
      runStartedAt: startTime.toISOString(),
      // The promise was for the run's first life. A run that an operator has reset is promised for no time.
      ...(runId === originalExecutionRunId && {
        promisedAt: new Date(promisedAtMs(input, startTime.getTime())).toISOString(),
      }),
    };
    this.redelivery = input.redelivery;
    this.mayDeliverEagerly = input.policy.eagerDelivery !== false;
    this.serverCancel = CancellationScope.current().cancelRequested.catch(() => {
      this.cancelledByServer = true;
      this.#cancel({});
    });
    // After the line above: the run must know of a cancel before anything is aborted.
    this.#preparation = new CancellationScope();
    this.#listen();
    this.show();
  }

  /** The body that every attempt sends. A redelivery brings it along; otherwise `freeze` makes it. Undefined when
   *  every delivery was cancelled meanwhile; `life.cancel` has ended them then. Deliveries that were cancelled alone
   *  end here, in `life.prepared`. */
  unlessCancelled(freeze: () => Promise<FrozenBody>): Promise<string | undefined> {
    const brought = this.#input.redelivery?.body;
    const freezing =
      brought === undefined ? this.#preparation.run(freeze) : Promise.resolve<FrozenBody>({ body: brought });
    // Not async: that would be two more promises of each run, and the SDK walks the stack for every one.
    return freezing.then(
      ({ body, artifacts }) => {
        const problem = problemOfBody(body, this.#input);
        if (problem !== undefined) throw invalidRun(problem);
        this.life.prepared(artifacts);
        this.interrupts.spare = this.#preparation;
        this.show();
        return body;
      },
      (error: unknown) => {
        if (!isCancellation(error) || !this.#preparation.consideredCancelled) throw error;
        this.show();
        return undefined;
      },
    );
  }

  /** What the client repaired, once: the delivery activity that gets it logs it. */
  takeRepairs(): AnyRunInput['repairs'] {
    const repairs = this.#repairs;
    this.#repairs = undefined;
    return repairs;
  }

  /** Does `work` for all deliveries side by side, so that one endpoint never delays another. */
  forEachDelivery(work: (delivery: Delivery) => Promise<void>): Promise<unknown> {
    const [first, ...others] = this.life.deliveries.map(work);
    return first !== undefined && others.length === 0 ? first : Promise.all([first, ...others]);
  }

  /** Shows the state to people: in the current details, and in the search attribute `WebhookState` for lists. A
   *  delivery that goes well at once costs no upsert: a Completed run with `started` was delivered at once. */
  show(): void {
    const status = this.life.status();
    for (const delivery of this.life.deliveries) this.notifications.look(delivery);
    const of = attemptsIn(this.#input.policy.retryDelaysMs);
    setCurrentDetails(liveDetails(status, of, this.notifications.open > 0));
    const { state } = status;
    const isWell = state === 'delivered' && this.#shownState === 'started';
    const isWorthTelling = state === 'retrying' || state === 'waiting_for_us' || (this.life.hasEnded && !isWell);
    if (!this.#input.searchAttributes || !isWorthTelling || state === this.#shownState) return;
    this.#shownState = state;
    upsertSearchAttributes([{ key: webhookState, value: state }]);
  }

  // A person may type any payload. Handlers read payloads through contract/signal-payloads.ts, which never throws.
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
        if (report === undefined) return;
        this.notifications.heard(report);
        this.life.reported(report, Date.now());
        this.show();
      },
      { description: DESCRIPTIONS.attemptFailed },
    );
    setHandler(statusQuery, () => this.life.status(), { description: DESCRIPTIONS.status });
  }

  #cancel(signal: CancelSignal): void {
    // Said in so many words: a cancel that was meant for a waiting delivery may arrive after it has failed. The host
    // must hear of that.
    if (this.life.hasEnded && signal.letGo) this.notifications.letGo();
    const stopping = this.life.cancel(signal, Date.now());
    if (this.life.deliveries.every(({ isCancelled }) => isCancelled)) this.#preparation.cancel();
    this.#interrupt(stopping);
  }

  // A signal that changes nothing is not shown: of 10,000 of them in one activation, each would be rendered.
  #interrupt(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return;
    for (const delivery of deliveries) this.interrupts.interrupt(delivery);
    this.show();
  }
}
