/** What the client and its handles ask of the place where runs live. That is Temporal (temporal-runs.ts), or the memory
 *  of a host's tests (testing/). So both report, warn, answer and fail by the same code. */
import type { Stalled, WebhookResult } from '../contract/delivery-state.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import type { CheckedFindFilter } from '../contract/schemas/find-filter.ts';
import type { RequestFacts } from './errors.ts';
import type { FoundRun, SkippedRun } from './find-webhooks.ts';
import type { ReconcilableLog } from './reconcilable-log.ts';
import type { Reconciled, ReconcileOptions } from './reconcile.ts';
import type { RunFacts } from './run-facts.ts';

/** How a run is started. `timeoutMs`: how long it may take. `eagerDelivery`, `settle`: the options of the client. */
export type StartRequest = {
  readonly taskQueue: string;
  readonly timeoutMs: number;
  readonly eagerDelivery: 'auto' | boolean;
  readonly settle: 'timer' | 'startDelay';
};

/** A request about one run. `verb` and the workflow id name it in errors. */
export type RunRequest = Pick<RequestFacts, 'kind'> & {
  readonly verb: string;
  /** What the caller asked for, checked. */
  readonly asked: object;
  readonly workflowId: string;
  readonly timeoutMs: number;
};

export abstract class Runs {
  /** Starts a run. Resolves with undefined, or with the input of the run that an earlier report has started.
   *  Rejects with the errors of any request. */
  abstract start(workflowId: string, input: AnyRunInput, request: StartRequest): Promise<AnyRunInput | undefined>;

  /** Reads the latest run, or the one with `runId`. Rejects with `WebhookNotFoundError`. */
  abstract read(workflowId: string, runId?: string): Promise<RunFacts>;

  /** Sends a signal to the latest run. Resolves with false if it has ended. */
  abstract signal(workflowId: string, name: string, payload: object): Promise<boolean>;

  /** Asks to cancel a run whose start is delayed (`isDelayed`). The run then begins at once, and ends cancelled.
   *  Resolves with false if it has ended. */
  abstract wake(run: RunFacts): Promise<boolean>;

  /** Why a signal to the run would change nothing now. `someWait`: deliveries wait for their next attempt. */
  abstract whyUnheard(run: RunFacts, facts: { readonly someWait: boolean }): Promise<Stalled | undefined>;

  /** Lets a run close that waits until the host has heard of its end. */
  abstract letGo(run: RunFacts): Promise<void>;

  /** Starts a redelivery after the closed run. Rejects with `StillRunningError` if another one came first. */
  abstract redeliver(run: RunFacts, input: AnyRunInput, facts: { readonly force: boolean }): Promise<void>;

  /** Waits for the end of the latest run. Resolves with its outcome, or with undefined if the outcome has to be read
   *  from its history. `timeoutMs` is told in errors; `within` keeps it. */
  abstract ended(workflowId: string, timeoutMs?: number): Promise<WebhookResult | undefined>;

  /** Does `work`, which waits for the run's end. Rejects with `ResultTimeoutError` after `timeoutMs`. */
  abstract within<T>(workflowId: string, timeoutMs: number, work: () => Promise<T>): Promise<T>;

  /** Does `work`, which makes requests about one run, within a time limit. Rejects with errors of the client. */
  abstract request<T>(request: RunRequest, work: () => Promise<T>): Promise<T>;

  /** Yields each webhook whose latest run fits the filter. Rejects with errors of the client. */
  abstract find(filter: CheckedFindFilter, onSkipped: (run: SkippedRun) => void): AsyncIterable<FoundRun>;

  /** Writes what the log lacks of the closed runs, and yields one item per delivery. */
  abstract reconcile(
    log: ReconcilableLog,
    filter: CheckedFindFilter,
    options: Pick<ReconcileOptions, 'dryRun' | 'onProgress'>,
  ): AsyncIterable<Reconciled>;
}
