/** The handle of a webhook: status, result, request, cancel, retryNow, redeliver. It has a workflow id and no run id,
 *  so each method works on the latest run. Only `request` can be asked for an earlier one. */
import { isFinal, type WebhookResult, type WebhookStatus } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { SIGNALS } from '../contract/names.ts';
import {
  cancelRequestSchema,
  redeliverRequestSchema,
  type RequestOptions,
  requestOptionsSchema,
  resultRequestSchema,
  type ResultRequest,
  retryNowRequestSchema,
} from '../contract/schemas/control-requests.ts';
import { parseInput } from '../contract/schemas/invalid-input.ts';
import type { ReportedWebhook } from '../contract/report-answer.ts';
import type { CancelRequest, CancelSignal } from '../contract/run-messages.ts';
import type { CancelAnswer, RedeliverAnswer, RetryNowAnswer } from './control-answers.ts';
import {
  HistoryGoneError,
  type RequestFacts,
  StillRunningError,
  UnknownEndpointError,
  UnreadableRunError,
  WebhookNotFoundError,
} from './errors.ts';
import {
  endOf,
  isAboutToWait,
  leavesNothing,
  unreportedAttempts,
  waitingDeliveries,
  waitsMeantBy,
} from './control-targets.ts';
import { resultOf, settlesUntil, statusOf, unheardSignals, whoEnded } from './run-status.ts';
import { checkInputSize } from './input-size.ts';
import type { RunFacts } from './run-facts.ts';
import { planRedelivery, type RedeliverRequest } from './redeliver.ts';
import type { Runs } from './runs.ts';
import { requestOf, type WebhookRequest } from './sent-request.ts';
import { withDueSince, withNextAttempts } from './next-attempts.ts';
import { withSecretRefs } from './unknown-secrets.ts';

/** How long a method of a handle may take, ms. `result()` waits for the run's end, so its caller sets the limit. */
const REQUEST_TIMEOUT_MS = 10_000;

/** For how long, and how often, `retryNow` looks again for a wait that is about to begin, ms. A worker that was killed
 *  in this moment never shows one. */
const WAIT_BEGINS_WITHIN_MS = 3_000;
const LOOK_AGAIN_MS = 100;

/** What became of the report that gave a handle. */
type ReportFacts = {
  readonly alreadyReported?: boolean;
  readonly reportedDifferently?: string | undefined;
  readonly webhooks?: readonly ReportedWebhook[];
};

type Read = { readonly run: RunFacts; readonly status: WebhookStatus };

/** The handle of one webhook, by its workflow id. Get one from `WebhookClient`. Its methods work on the latest run. */
export class WebhookHandle {
  readonly workflowId: string;
  /** Whether an earlier report had started the run. `callEnded` and `campaignEvent` set it: true if nothing was
   *  started now. It is also true if an earlier request of yours started the run, and only its answer got lost.
   *  Undefined for handles that make no request: of `call`, `campaign` and `find`. */
  readonly alreadyReported: boolean | undefined;
  /** What the earlier report said otherwise, in words without values: another event, or the names of fields. Undefined
   *  if nothing differs. The receivers get the earlier report. */
  readonly reportedDifferently: string | undefined;
  /** The webhooks of the run, one for each endpoint. `callEnded` and `campaignEvent` set it. If the call was reported
   *  before, these are the webhooks of the earlier report. Undefined for handles that make no request. */
  readonly webhooks: readonly ReportedWebhook[] | undefined;
  readonly #runs: Runs;

  constructor(runs: Runs, workflowId: string, report: ReportFacts = {}) {
    this.#runs = runs;
    this.workflowId = workflowId;
    this.alreadyReported = report.alreadyReported;
    this.reportedDifferently = report.reportedDifferently;
    this.webhooks = report.webhooks;
  }

  /** Where the run stands. It is read from the server, so no worker is needed. It also works after the run's end. If
   *  the run stands still, `stalled` says why and what to do.
   *  Rejects with `WebhookNotFoundError`, `UnreadableRunError`, `NamespaceNotFoundError` or `TemporalRefusedError`.
   *  Within 10 s it rejects with `TemporalUnavailableError`; or with `SlowRunError`, if the server answers but this
   *  run takes too long. Both are retryable. */
  async status(): Promise<WebhookStatus> {
    return this.#request('reading', 'read', {}, async () => (await this.#read()).status);
  }

  /** Cancels the run by signal; with `endpointId` only the delivery to that endpoint. A wait ends at once. An attempt
   *  in flight may finish, and a 2xx still counts as delivered. While the server delays the run's start, no signal is
   *  heard; if no delivery goes on, the server is then asked to cancel the run, which wakes it. `reason` stands in the
   *  outcome and in history, so it must hold no personal data. Calling again is safe.
   *  With `letGo` nothing is cancelled: a run that waits only until `deliveryEvents` takes an event closes as it ended.
   *  Any other is left alone. It goes without `reason` and `endpointId`.
   *  Rejects with `InvalidInputError` or `UnknownEndpointError`, and as `status` does. */
  async cancel(request: CancelRequest = {}): Promise<CancelAnswer> {
    const { reason, endpointId, letGo } = parseInput(cancelRequestSchema, request, 'cancel');
    return this.#request('cancelling', 'control', given({ reason, endpointId }), async () => {
      // Read the history first. A client with the wrong codec would otherwise send a signal that the worker cannot
      // decode, which blocks the run.
      const { run, status } = await this.#read(endpointId);
      if (letGo === true) return this.#letGo(run, status);
      const ended = endOf(status, endpointId);
      const isDelayed = run.status === 'RUNNING' && run.isDelayed === true;
      // Cancelled by signals that nobody has heard: it ends now, and not when the delay is over.
      if (ended !== undefined && isDelayed && (await this.#runs.wake(run))) return { accepted: true };
      if (ended !== undefined) return { accepted: false, state: ended };
      if (run.status !== 'RUNNING') return { accepted: false, state: status.state };
      const attemptsMade = unreportedAttempts(status);
      const payload: CancelSignal = {
        ...given({ reason, endpointId }),
        ...(Object.keys(attemptsMade).length === 0 ? {} : { attemptsMade }),
      };
      if (await this.#runs.signal(this.workflowId, SIGNALS.cancel, payload)) {
        // The signal goes first: it has the reason, and the run hears both in its first task.
        if (isDelayed && leavesNothing(run, endpointId)) await this.#runs.wake(run);
        return { accepted: true };
      }
      return { accepted: false, state: (await this.#read()).status.state };
    });
  }

  async #letGo(run: RunFacts, status: WebhookStatus): Promise<CancelAnswer> {
    if (run.status !== 'RUNNING' || !waitsForHost(status)) return { accepted: false, state: status.state };
    await this.#runs.letGo(run).catch((error: unknown) => {
      // The signal was sent. A slow worker closes the run later.
      if (!(error instanceof StillRunningError)) throw error;
    });
    return { accepted: true };
  }

  /** Sends the waiting attempt now, of all endpoints or of `endpointId`. It counts as one of the ladder's attempts,
   *  and later attempts keep their waits. If an attempt failed a moment ago, the wait after it may be about to
   *  begin. This method then looks for it, up to 3 s. When no attempt waits, or the run stands still so that nobody
   *  would hear it, it does nothing and resolves with `accepted: false`.
   *  Rejects as `cancel` does. */
  async retryNow(request: { readonly endpointId?: string } = {}): Promise<RetryNowAnswer> {
    const { endpointId } = parseInput(retryNowRequestSchema, request, 'retryNow');
    return this.#request('hurrying', 'control', given({ endpointId }), async () => {
      const { run, status, first } = await this.#readWaiting(endpointId);
      if (run.status !== 'RUNNING') return { accepted: false, state: status.state };
      const waiting = waitsMeantBy(first, waitingDeliveries(run)).filter(
        (each) => endpointId === undefined || each.endpointId === endpointId,
      );
      const stalled = await this.#runs.whyUnheard(run, { someWait: waiting.length > 0 });
      if (stalled !== undefined) return { accepted: false, state: status.state, stalled };
      const endpointIds: string[] = [];
      for (const request of waiting) {
        if (!(await this.#runs.signal(this.workflowId, SIGNALS.retryNow, request))) break;
        endpointIds.push(request.endpointId);
      }
      if (endpointIds.length > 0) return { accepted: true, endpointIds };
      return { accepted: false, state: waiting.length === 0 ? status.state : (await this.#read()).status.state };
    });
  }

  /** Delivers again after the run's end: the same webhook ids and body, with a fresh ladder. The default is every
   *  endpoint that is not delivered. A run that only waits until the host has heard of its end (`waiting_for_notify`)
   *  is let go first: that event is never told. It starts a new run under the same workflow id; `status()` and
   *  `result()` then mean that run. Of two calls at the same time, one starts a run. With `force`, look at `status()`
   *  before calling again after a `TemporalUnavailableError` or a `SlowRunError`. The first call may have started a
   *  run, and a second forced call sends the webhook again.
   *  Rejects with `InvalidInputError`, `AlreadyDeliveredError` (pass `force`), `UnknownEndpointError`,
   *  `HistoryGoneError`, `UnreadableRunError`, `NamespaceNotFoundError` or `TemporalRefusedError`. Retryable are
   *  `StillRunningError`, `TemporalUnavailableError` and `SlowRunError`. */
  async redeliver(request: RedeliverRequest = {}): Promise<RedeliverAnswer> {
    const asked = parseInput(redeliverRequestSchema, request, 'redeliver');
    return this.#request('redelivering', request.force === true ? 'forcedRedelivery' : 'control', asked, async () => {
      const { run, status } = await this.#read().catch((error: unknown) => {
        throw error instanceof WebhookNotFoundError ? new HistoryGoneError(this.workflowId, error.cause) : error;
      });
      if (run.input === undefined) throw new UnreadableRunError(this.workflowId);
      if (run.status === 'RUNNING' && !waitsForHost(status)) throw new StillRunningError(this.workflowId);
      const input = planRedelivery(run, run.input, resultOf(status), request);
      checkInputSize(this.workflowId, input);
      if (run.status === 'RUNNING') await this.#runs.letGo(run);
      await this.#runs.redeliver(run, input, { force: request.force === true });
      return {
        cycle: input.redelivery?.cycle ?? 1,
        endpointIds: input.endpoints.map((endpoint) => endpoint.endpointId),
      };
    });
  }

  /** What the run sent, or will send. For each endpoint: the host, the headers that can be known, and a `curl` command.
   *  And the body, byte for byte, with its hash. It is read from history, so it needs no worker and no store, and works
   *  until the namespace's retention removes the run. It never tells a signature or a secret. With `showUrl` it tells
   *  whole URLs. `runId` chooses an earlier run of the same webhook. The body holds personal data: do not log it.
   *  Rejects as `status` does. */
  async request(options: RequestOptions = {}): Promise<WebhookRequest> {
    const { showUrl, runId } = parseInput(requestOptionsSchema, options, 'request');
    return this.#request('reading', 'read', {}, async () => {
      const { run, status } = await this.#read(undefined, runId);
      if (run.input === undefined) throw new UnreadableRunError(this.workflowId);
      return requestOf(run, run.input, status, given({ showUrl }));
    });
  }

  /** Waits for the run's end and resolves with the outcome, whatever the run's close status. `timeoutMs` limits the
   *  wait; without it there is no limit.
   *  Rejects with `WebhookNotFoundError`, `NamespaceNotFoundError` or `UnreadableRunError`. Retryable are
   *  `ResultTimeoutError`, when `timeoutMs` is over, and `TemporalUnavailableError`, when the server is not reachable:
   *  with a `timeoutMs` below 1,000 nobody can tell, and it is a `ResultTimeoutError`. */
  async result(request: ResultRequest = {}): Promise<WebhookResult> {
    const { timeoutMs } = parseInput(resultRequestSchema, request, 'result');
    if (timeoutMs === undefined) return this.#result();
    return this.#runs.within(this.workflowId, timeoutMs, () => this.#result(timeoutMs));
  }

  async #result(timeoutMs?: number): Promise<WebhookResult> {
    const outcome = await this.#runs.ended(this.workflowId, timeoutMs);
    if (outcome !== undefined) return this.#withWhoEnded(outcome);
    // The outcome is read from history. That may already be the history of a redelivery. Then its end is the outcome.
    const status = await this.status();
    return isFinal(status.state) ? resultOf(status) : this.#result(timeoutMs);
  }

  /** A run does not know who cancelled it, so the history is asked, if a cancel was heard. */
  async #withWhoEnded(result: WebhookResult): Promise<WebhookResult> {
    const isCancelled =
      result.cancelReason !== undefined || result.deliveries.some(({ state }) => state === 'cancelled');
    if (!isCancelled) return result;
    // The outcome counts. It is not lost because a second question got no answer.
    const status = await this.status().catch(() => undefined);
    return { ...result, ...given({ cancelReason: status?.cancelReason, cancelledBy: status?.cancelledBy }) };
  }

  /** Reads the latest run, or the one with `runId`. Throws `UnknownEndpointError` when the run does not have
   *  `endpointId`. */
  async #read(endpointId?: string, runId?: string): Promise<Read> {
    const run = await this.#runs.read(this.workflowId, runId);
    const read = statusOf(run);
    if (read === undefined) throw new UnreadableRunError(this.workflowId);
    const unheard = unheardSignals(run);
    const status: WebhookStatus = {
      ...read,
      deliveries: withDueSince(withNextAttempts(withSecretRefs(read.deliveries, run), run), run),
      ...whoEnded(run),
      ...given({ settlesUntil: settlesUntil(run, read), unheard: unheard.length === 0 ? undefined : unheard }),
    };
    const known = status.deliveries.map((delivery) => delivery.endpointId);
    if (endpointId !== undefined && !known.includes(endpointId)) {
      throw new UnknownEndpointError(this.workflowId, endpointId, known);
    }
    return { run, status };
  }

  /** Reads the latest run. If a wait is about to begin, it reads again until the server shows it. `first` is the
   *  status before that. */
  async #readWaiting(endpointId: string | undefined): Promise<Read & { readonly first: WebhookStatus }> {
    let read = await this.#read(endpointId);
    const first = read.status;
    for (let waitedMs = 0; waitedMs < WAIT_BEGINS_WITHIN_MS; waitedMs += LOOK_AGAIN_MS) {
      if (!isAboutToWait(read.run, read.status, endpointId)) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      read = await this.#read(endpointId);
    }
    return { ...read, first };
  }

  #request<T>(verb: string, kind: RequestFacts['kind'], asked: object, work: () => Promise<T>): Promise<T> {
    return this.#runs.request({ verb, kind, asked, workflowId: this.workflowId, timeoutMs: REQUEST_TIMEOUT_MS }, work);
  }
}

/** Whether nothing is left to do but to tell the host. */
function waitsForHost(status: WebhookStatus): boolean {
  return status.stalled?.why === 'waiting_for_notify' && endOf(status) !== undefined;
}
