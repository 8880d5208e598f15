/** Runs in Temporal: each request of the client goes to the server, and each failure becomes an error of the client. */
import {
  type Client,
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, NamespaceNotFoundError as SdkNamespaceNotFoundError } from '@temporalio/common';
import type { Stalled, WebhookResult } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { FAILURE_TYPES } from '../contract/names.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import type { CheckedFindFilter } from '../contract/schemas/find-filter.ts';
import { factsOf, forOneRun, inOurWords, SIGN_OF_LIFE_MS, within } from './deadlines.ts';
import { clientErrorOf } from './client-error-of.ts';
import {
  NamespaceNotFoundError,
  type RequestFacts,
  ResultTimeoutError,
  TemporalUnavailableError,
  UnreadableRunError,
  WebhookNotFoundError,
} from './errors.ts';
import { findLatestRuns, type FoundRun, type SkippedRun } from './find-webhooks.ts';
import { letGo } from './let-go.ts';
import { readRun } from './read-run.ts';
import type { ReconcilableLog } from './reconcilable-log.ts';
import { reconcileRuns, type Reconciled, type ReconcileOptions } from './reconcile.ts';
import type { RunFacts } from './run-facts.ts';
import { Runs, type RunRequest, type StartRequest } from './runs.ts';
import { whyUnheard } from './stalled.ts';
import { startRedelivery } from './start-redelivery.ts';
import { startRun } from './start-run.ts';

export class TemporalRuns extends Runs {
  readonly #client: Client;

  constructor(client: Client) {
    super();
    this.#client = client;
  }

  start(workflowId: string, input: AnyRunInput, request: StartRequest): Promise<AnyRunInput | undefined> {
    return startRun(this.#client, workflowId, input, request);
  }

  async read(workflowId: string, runId?: string): Promise<RunFacts> {
    try {
      return await readRun(this.#client, workflowId, runId);
    } catch (error) {
      throw error instanceof WorkflowNotFoundError ? new WebhookNotFoundError(workflowId, error) : error;
    }
  }

  signal(workflowId: string, name: string, payload: object): Promise<boolean> {
    return unlessEnded(this.#run(workflowId).signal(name, payload));
  }

  wake({ workflowId, runId }: RunFacts): Promise<boolean> {
    return unlessEnded(this.#client.workflow.getHandle(workflowId, runId).cancel());
  }

  whyUnheard(run: RunFacts, facts: { readonly someWait: boolean }): Promise<Stalled | undefined> {
    return whyUnheard(this.#client, run, facts);
  }

  letGo(run: RunFacts): Promise<void> {
    return letGo(this.#client, run);
  }

  redeliver(run: RunFacts, input: AnyRunInput, facts: { readonly force: boolean }): Promise<void> {
    return startRedelivery(this.#client, run, input, facts);
  }

  async ended(workflowId: string, timeoutMs?: number): Promise<WebhookResult | undefined> {
    try {
      return outcomeIn(await this.#run(workflowId).result());
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new WebhookNotFoundError(workflowId, error);
      if (error instanceof SdkNamespaceNotFoundError) {
        throw new NamespaceNotFoundError(this.#client.options.namespace, error);
      }
      if (error instanceof ServiceError || isGrpcServiceError(error)) {
        throw clientErrorOf(error, this.#waitingFor(workflowId, timeoutMs));
      }
      // Any other error means that the server has answered, and that the answer cannot be decoded.
      if (!(error instanceof WorkflowFailedError)) {
        // Reading tells which one: a storage that is down, or a key that is missing.
        await this.read(workflowId);
        throw new UnreadableRunError(workflowId, error);
      }
      const { cause } = error;
      if (cause instanceof ApplicationFailure && cause.type === FAILURE_TYPES.deliveryFailed) {
        return outcomeIn(cause.details?.[0]);
      }
      // A canceled or terminated run has no result.
      return undefined;
    }
  }

  async within<T>(workflowId: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
    // Asked beside the wait, so that a server that is down is not taken for a run that goes on.
    let isThere = false;
    const lookIfThere = async (): Promise<void> => {
      await this.#run(workflowId).describe();
      isThere = true;
    };
    this.#client.withDeadline(Date.now() + timeoutMs, lookIfThere).catch(() => undefined);
    const timeIsUp = (cause?: unknown): Error => {
      // A server that lives may take so long for its first answer.
      const isSilent = !isThere && timeoutMs < SIGN_OF_LIFE_MS;
      return isThere || isSilent
        ? new ResultTimeoutError(workflowId, timeoutMs, cause, { isSilent })
        : new TemporalUnavailableError(this.#waitingFor(workflowId, timeoutMs), cause);
    };
    try {
      return await within(this.#client, timeoutMs, work, () => {
        throw timeIsUp();
      });
    } catch (error) {
      const isLate = error instanceof TemporalUnavailableError && isGrpcDeadlineError(error.cause);
      throw isLate ? timeIsUp(error.cause) : error;
    }
  }

  async request<T>({ verb, workflowId, kind, timeoutMs }: RunRequest, work: () => Promise<T>): Promise<T> {
    const facts = { what: `${verb} ${workflowId}`, kind, timeoutMs };
    try {
      return await forOneRun(this.#client, facts, work);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new WebhookNotFoundError(workflowId, error);
      throw clientErrorOf(error, factsOf(this.#client, facts));
    }
  }

  find(filter: CheckedFindFilter, onSkipped: (run: SkippedRun) => void): AsyncIterable<FoundRun> {
    return inOurWords(this.#client, 'finding webhooks', findLatestRuns(this.#client, filter, onSkipped));
  }

  reconcile(
    log: ReconcilableLog,
    filter: CheckedFindFilter,
    options: Pick<ReconcileOptions, 'dryRun' | 'onProgress'>,
  ): AsyncIterable<Reconciled> {
    return inOurWords(this.#client, 'reconciling', reconcileRuns(this.#client, log, filter, options));
  }

  #run(workflowId: string): WorkflowHandle {
    return this.#client.workflow.getHandle(workflowId);
  }

  #waitingFor(workflowId: string, timeoutMs: number | undefined): RequestFacts {
    return factsOf(this.#client, { what: `waiting for ${workflowId}`, kind: 'read', ...given({ timeoutMs }) });
  }
}

/** Undefined for what is no outcome of ours: a run of somebody else may have the id. */
function outcomeIn(value: unknown): WebhookResult | undefined {
  const isOutcome = typeof value === 'object' && value !== null && 'deliveries' in value;
  return isOutcome && Array.isArray(value.deliveries) ? (value as WebhookResult) : undefined;
}

/** Whether the run took the request. False if it has ended since it was read. */
async function unlessEnded(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
