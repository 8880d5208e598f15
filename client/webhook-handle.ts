/** One webhook run, found by its workflow id: status, result, cancel, retryNow, redeliver. Carries no run id, so it means the latest run. */
import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, NamespaceNotFoundError as SdkNamespaceNotFoundError } from '@temporalio/common';
import { isFinal, type WebhookResult, type WebhookStatus } from '../contract/delivery-state.ts';
import { FAILURE_TYPES } from '../contract/names.ts';
import { given } from '../contract/given.ts';
import { SIGNALS } from '../contract/names.ts';
import {
  cancelRequestSchema,
  redeliverRequestSchema,
  retryNowRequestSchema,
} from '../contract/schemas/control-requests.ts';
import { parseInput } from '../contract/schemas/invalid-input.ts';
import type { CancelRequest, CancelSignal } from '../contract/run-messages.ts';
import type { CancelAnswer, RedeliverAnswer, RetryNowAnswer } from './control-answers.ts';
import {
  clientErrorOf,
  HistoryGoneError,
  NamespaceNotFoundError,
  type RequestFacts,
  StillRunningError,
  UnknownEndpointError,
  UnreadableRunError,
  WebhookNotFoundError,
} from './errors.ts';
import { endOf, resultOf, statusOf, unreportedAttempts, waitingDeliveries } from './fold-run.ts';
import { readRun } from './read-run.ts';
import type { RunFacts } from './run-facts.ts';
import { planRedelivery, type RedeliverRequest } from './redeliver.ts';
import { startRedelivery } from './start-redelivery.ts';

/** How long the control calls of a handle may take, ms; `result()` waits as long as the run takes. */
const REQUEST_TIMEOUT_MS = 10_000;

export class WebhookHandle {
  readonly workflowId: string;
  readonly #client: Client;

  constructor(client: Client, workflowId: string) {
    this.#client = client;
    this.workflowId = workflowId;
  }

  /** Where the run stands, read from the server: works with no worker running, and after the end.
   *  Throws `WebhookNotFoundError`, `UnreadableRunError`, `TemporalUnavailableError`. */
  async status(): Promise<WebhookStatus> {
    return this.#request('reading', 'read', async () => (await this.#read()).status);
  }

  /** Stops the run by signal, or only one endpoint's delivery. A wait ends at once; an attempt in flight is let finish, and
   *  a 2xx still counts as delivered. `reason` stands in the outcome and in history: no personal data.
   *  Throws `InvalidInputError`, `UnknownEndpointError`, `WebhookNotFoundError`, `UnreadableRunError`,
   *  `TemporalUnavailableError`. */
  async cancel(request: CancelRequest = {}): Promise<CancelAnswer> {
    const { reason, endpointId } = parseInput(cancelRequestSchema, request, 'cancel');
    return this.#request('cancelling', 'control', async () => {
      // Read, and not only described: who cannot decode the run would send a signal that its worker cannot decode, and a
      // run that has one stands still until a worker comes that can.
      const { run, status } = await this.#read(endpointId);
      const ended = endOf(status, endpointId);
      if (ended !== undefined) return { accepted: false, state: ended };
      if (run.status !== 'RUNNING') return { accepted: false, state: status.state };
      const attemptsMade = unreportedAttempts(status);
      const payload: CancelSignal = {
        ...given({ reason, endpointId }),
        ...(Object.keys(attemptsMade).length === 0 ? {} : { attemptsMade }),
      };
      if (await this.#signalled(SIGNALS.cancel, payload)) return { accepted: true };
      return { accepted: false, state: (await this.#read()).status.state };
    });
  }

  /** Sends the attempt that waits in the ladder now, of one endpoint or of all; it counts as one of the ladder's attempts, and
   *  later ones keep their own waits. Does nothing where an attempt is in flight or none waits: not accepted then.
   *  Throws as `cancel` does. */
  async retryNow(request: { readonly endpointId?: string } = {}): Promise<RetryNowAnswer> {
    const { endpointId } = parseInput(retryNowRequestSchema, request, 'retryNow');
    return this.#request('hurrying', 'control', async () => {
      const { run, status } = await this.#read(endpointId);
      if (run.status !== 'RUNNING') return { accepted: false, state: status.state };
      const waiting = waitingDeliveries(run).filter(
        (each) => endpointId === undefined || each.endpointId === endpointId,
      );
      const endpointIds: string[] = [];
      for (const request of waiting) {
        if (!(await this.#signalled(SIGNALS.retryNow, request))) break;
        endpointIds.push(request.endpointId);
      }
      if (endpointIds.length > 0) return { accepted: true, endpointIds };
      return { accepted: false, state: waiting.length === 0 ? status.state : (await this.#read()).status.state };
    });
  }

  /** After the end: delivers again, with the same webhook ids and bytes and a fresh ladder, by default to the endpoints not
   *  delivered. A new run under the same workflow id; `status()` and `result()` then tell of that. Two at once start one.
   *  With `force`, calling again after a `TemporalUnavailableError` may send it once more: look at `status()` first.
   *  Throws `InvalidInputError`, `AlreadyDeliveredError` (pass `force`), `StillRunningError`, `UnknownEndpointError`, `HistoryGoneError`,
   *  `UnreadableRunError`, `TemporalUnavailableError`. */
  async redeliver(request: RedeliverRequest = {}): Promise<RedeliverAnswer> {
    parseInput(redeliverRequestSchema, request, 'redeliver');
    return this.#request('redelivering', request.force === true ? 'forcedRedelivery' : 'control', async () => {
      const { run, status } = await this.#read().catch((error: unknown) => {
        throw error instanceof WorkflowNotFoundError ? new HistoryGoneError(this.workflowId, error) : error;
      });
      if (run.input === undefined) throw new UnreadableRunError(this.workflowId);
      if (run.status === 'RUNNING') throw new StillRunningError(this.workflowId);
      const input = planRedelivery(run, run.input, resultOf(status), request);
      await startRedelivery(this.#client, run, input, { force: request.force === true });
      return {
        cycle: input.redelivery?.cycle ?? 1,
        endpointIds: input.endpoints.map((endpoint) => endpoint.endpointId),
      };
    });
  }

  /** Waits for the end and tells the outcome, whatever the close status: an outcome is a value, not an exception.
   *  Throws `WebhookNotFoundError`, `NamespaceNotFoundError`, `UnreadableRunError`, and what the SDK throws while the server is away. */
  async result(): Promise<WebhookResult> {
    try {
      return (await this.#run.result()) as WebhookResult;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new WebhookNotFoundError(this.workflowId, error);
      if (error instanceof SdkNamespaceNotFoundError) {
        throw new NamespaceNotFoundError(this.#client.options.namespace, error);
      }
      if (error instanceof ServiceError || isGrpcServiceError(error)) throw error;
      // The server has answered, so it is the answer that cannot be decoded.
      if (!(error instanceof WorkflowFailedError)) throw new UnreadableRunError(this.workflowId, error);
      const { cause } = error;
      if (cause instanceof ApplicationFailure && cause.type === FAILURE_TYPES.deliveryFailed) {
        const outcome = cause.details?.[0] as WebhookResult | undefined;
        if (outcome !== undefined) return outcome;
      }
      // Canceled and terminated runs keep no result: history has what was recorded. Of the latest run: where a redelivery has
      // begun meanwhile, its end is the outcome.
      const status = await this.status();
      return isFinal(status.state) ? resultOf(status) : this.result();
    }
  }

  get #run(): WorkflowHandle {
    return this.#client.workflow.getHandle(this.workflowId);
  }

  /** Sends a signal to a run that was just seen. False: it ended in between. */
  async #signalled(name: string, payload: object): Promise<boolean> {
    try {
      await this.#run.signal(name, payload);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** `endpointId`: must be one of the run's. */
  async #read(endpointId?: string): Promise<{ readonly run: RunFacts; readonly status: WebhookStatus }> {
    const run = await readRun(this.#client, this.#run);
    const status = statusOf(run);
    if (status === undefined) throw new UnreadableRunError(this.workflowId);
    const known = status.deliveries.map((delivery) => delivery.endpointId);
    if (endpointId !== undefined && !known.includes(endpointId)) {
      throw new UnknownEndpointError(this.workflowId, endpointId, known);
    }
    return { run, status };
  }

  async #request<T>(verb: string, kind: RequestFacts['kind'], work: () => Promise<T>): Promise<T> {
    try {
      return await this.#client.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, work);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new WebhookNotFoundError(this.workflowId, error);
      const { namespace } = this.#client.options;
      throw clientErrorOf(error, {
        what: `${verb} ${this.workflowId}`,
        kind,
        namespace,
        timeoutMs: REQUEST_TIMEOUT_MS,
      });
    }
  }
}
