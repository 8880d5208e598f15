/** The runs of `FakeWebhookClient`: kept in memory, and started, found and refused as Temporal would. */
import { randomUUID } from 'node:crypto';
import {
  ResultTimeoutError,
  StillRunningError,
  TemporalUnavailableError,
  WebhookNotFoundError,
  type RequestFacts,
} from '../client/errors.ts';
import type { CancelAnswer, RedeliverAnswer, RetryNowAnswer } from '../client/control-answers.ts';
import type { FoundRun } from '../client/find-webhooks.ts';
import type { ReconcilableLog } from '../client/reconcilable-log.ts';
import type { Reconciled, ReconcileOptions } from '../client/reconcile.ts';
import type { RedeliverRequest } from '../client/redeliver.ts';
import type { RunFacts } from '../client/run-facts.ts';
import { Runs, type RunRequest, type StartRequest } from '../client/runs.ts';
import { inTime } from '../contract/in-time.ts';
import { SIGNALS } from '../contract/names.ts';
import type { AnyRunInput, CancelRequest } from '../contract/run-messages.ts';
import type { Stalled, WebhookResult } from '../contract/delivery-state.ts';
import type { CheckedFindFilter } from '../contract/schemas/find-filter.ts';
import { FakeRun } from './fake-run.ts';
import { foundRun, isAsked } from './found-run.ts';
import { reconciledIn } from './reconciled-run.ts';

/** What a host asked of a webhook, in order: by `cancel`, `retryNow` or `redeliver` of a handle. `answer` is what it
 *  got, `error` what it was rejected with. */
export type FakeControl = { readonly workflowId: string; readonly error?: unknown } & (
  | { readonly method: 'cancel'; readonly request: CancelRequest; readonly answer?: CancelAnswer }
  | {
      readonly method: 'retryNow';
      readonly request: { readonly endpointId?: string };
      readonly answer?: RetryNowAnswer;
    }
  | { readonly method: 'redeliver'; readonly request: RedeliverRequest; readonly answer?: RedeliverAnswer }
);

/** How the server is away.
 *  - `losing`: with `requests`, which is the default, nothing reaches it. With `answers` it does what it is asked, and
 *    only the answer is lost
 *  - `error`: what requests are rejected with. Default `TemporalUnavailableError`, as the real client gives it */
export type FakeOutage = { readonly losing?: 'requests' | 'answers'; readonly error?: Error };

const METHODS: Readonly<Record<string, FakeControl['method']>> = {
  cancelling: 'cancel',
  hurrying: 'retryNow',
  redelivering: 'redeliver',
};
const NAMESPACE = 'default';
/** As the real client says it of listings. */
const LISTING_TIMEOUT_MS = 30_000;

export class MemoryRuns extends Runs {
  readonly controls: FakeControl[] = [];
  /** By workflow id, the oldest run first. */
  readonly #runs = new Map<string, FakeRun[]>();
  outage: FakeOutage | undefined;

  latest(workflowId: string): FakeRun | undefined {
    return this.#runs.get(workflowId)?.at(-1);
  }

  get workflowIds(): readonly string[] {
    return [...this.#runs.keys()];
  }

  async start(
    workflowId: string,
    input: AnyRunInput,
    { taskQueue, timeoutMs }: StartRequest,
  ): Promise<AnyRunInput | undefined> {
    const facts: Facts = { what: `starting ${workflowId}`, kind: 'start', timeoutMs };
    return this.#asked(facts, async () => {
      const earlier = this.latest(workflowId);
      if (earlier === undefined) this.#add(workflowId, input, taskQueue);
      return earlier?.input;
    });
  }

  async read(workflowId: string, runId?: string): Promise<RunFacts> {
    const all = this.#runs.get(workflowId) ?? [];
    const run = runId === undefined ? all.at(-1) : all.find((each) => each.runId === runId);
    if (run === undefined) throw new WebhookNotFoundError(workflowId);
    return run.facts;
  }

  async signal(workflowId: string, name: string, payload: object): Promise<boolean> {
    const run = this.latest(workflowId);
    if (run?.isOpen !== true) return false;
    if (name === SIGNALS.cancel) run.cancel(payload);
    if (name === SIGNALS.retryNow) run.retryNow(payload);
    return true;
  }

  /** A run of the fake hears each signal at once, with `settle: 'startDelay'` too. So it needs no waking. */
  async wake({ workflowId }: RunFacts): Promise<boolean> {
    return this.latest(workflowId)?.isOpen === true;
  }

  async whyUnheard(
    { isDeaf, stalled }: RunFacts,
    { someWait }: { readonly someWait: boolean },
  ): Promise<Stalled | undefined> {
    return isDeaf === true || !someWait ? stalled : undefined;
  }

  /** The fake tells no host of anything, so no run waits for that. */
  async letGo({ workflowId }: RunFacts): Promise<void> {
    throw new StillRunningError(workflowId);
  }

  async redeliver({ workflowId, runId, taskQueue }: RunFacts, input: AnyRunInput): Promise<void> {
    const latest = this.latest(workflowId);
    if (latest?.runId !== runId || latest.isOpen) throw new StillRunningError(workflowId);
    this.#add(workflowId, input, taskQueue);
  }

  async ended(workflowId: string, timeoutMs?: number): Promise<WebhookResult | undefined> {
    const facts: Facts = { what: `waiting for ${workflowId}`, kind: 'read', ...(timeoutMs && { timeoutMs }) };
    return this.#asked(facts, async () => {
      const run = this.latest(workflowId);
      if (run === undefined) throw new WebhookNotFoundError(workflowId);
      return run.outcome();
    });
  }

  within<T>(workflowId: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
    return inTime(work(), timeoutMs, () => {
      throw new ResultTimeoutError(workflowId, timeoutMs);
    });
  }

  async request<T>({ verb, workflowId, kind, timeoutMs, asked }: RunRequest, work: () => Promise<T>): Promise<T> {
    const method = METHODS[verb];
    const note = (end: { readonly answer?: unknown; readonly error?: unknown }): void => {
      if (method !== undefined) this.controls.push({ method, workflowId, request: asked, ...end } as FakeControl);
    };
    try {
      const answer = await this.#asked({ what: `${verb} ${workflowId}`, kind, timeoutMs }, work);
      note({ answer });
      return answer;
    } catch (error) {
      note({ error });
      throw error;
    }
  }

  async *find(filter: CheckedFindFilter): AsyncGenerator<FoundRun> {
    yield* await this.#listed('finding webhooks', async () => this.#foundRuns(filter));
  }

  async *reconcile(
    log: ReconcilableLog,
    filter: CheckedFindFilter,
    { dryRun = false, onProgress }: Pick<ReconcileOptions, 'dryRun' | 'onProgress'>,
  ): AsyncGenerator<Reconciled> {
    const closed = [...this.#runs.values()].flat().filter((run) => !run.isOpen && isAsked(run, filter));
    const runs = await this.#listed('reconciling', async () => closed);
    for (const run of runs) yield* await reconciledIn(log, run, dryRun);
    onProgress?.({ runs: runs.length, of: runs.length });
  }

  #foundRuns(filter: CheckedFindFilter): FoundRun[] {
    const latest = this.workflowIds.flatMap((workflowId) => this.latest(workflowId) ?? []);
    return latest.filter((run) => isAsked(run, filter)).map((run) => foundRun(run));
  }

  #listed<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.#asked({ what, kind: 'read', timeoutMs: LISTING_TIMEOUT_MS }, work);
  }

  /** Inputs are kept as the server keeps them: as JSON. */
  #add(workflowId: string, input: AnyRunInput, taskQueue: string): void {
    const kept = JSON.parse(JSON.stringify(input)) as AnyRunInput;
    const run = new FakeRun({ workflowId, runId: randomUUID(), taskQueue }, kept);
    this.#runs.set(workflowId, [...(this.#runs.get(workflowId) ?? []), run]);
  }

  /** Does what is asked, unless the server is away. */
  async #asked<T>(facts: Facts, work: () => Promise<T>): Promise<T> {
    const { outage } = this;
    const error = outage && (outage.error ?? new TemporalUnavailableError({ ...facts, namespace: NAMESPACE }));
    if (error !== undefined && outage?.losing !== 'answers') throw error;
    const answer = await work();
    if (error !== undefined) throw error;
    return answer;
  }
}

type Facts = Omit<RequestFacts, 'namespace'>;
