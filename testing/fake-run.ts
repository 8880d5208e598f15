/**
 * One run in the memory of `FakeWebhookClient`. Its test says what happens: which answers the attempts get, whether
 * somebody terminates it. It tells each thing to the same `RunLife` that the workflow uses, and keeps it as a fact, as
 * a history would. So status and result are what a real run would have.
 */
import { createHash } from 'node:crypto';
import type { Verdict } from '../activities/http/verdict.ts';
import type { RunFact, RunFacts } from '../client/run-facts.ts';
import type { Delivery } from '../contract/delivery.ts';
import type { Attempt, Stalled, WebhookResult } from '../contract/delivery-state.ts';
import { promisedAtMs } from '../contract/delivery-policy.ts';
import { given } from '../contract/given.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import { copiesOf, renderCallBody, renderCampaignBody, type FrozenBody } from '../contract/render-body.ts';
import { waitAfter } from '../contract/retry-schedule.ts';
import { RunLife } from '../contract/run-life.ts';
import type {
  AnyRunInput,
  AttemptReport,
  CancelSignal,
  DeliverySubject,
  RetryNowSignal,
} from '../contract/run-messages.ts';
import { FAILURE_TYPE_OF, outcomeOf, verdictFor, type FakeAnswer, type Outcome } from './fake-answer.ts';
import { collected, type FakeArtifacts } from './fake-artifacts.ts';

/** Real time that each attempt is said to take, ms. */
const ATTEMPT_MS = 40;

/** A run of `FakeWebhookClient`. Until the test says more, it rests: a completed call settles, and the first attempt
 *  of a failed one is due. Its clock jumps to the time at which each attempt is due. */
export class FakeRun {
  readonly workflowId: string;
  readonly runId: string;
  /** What the run was started with: event, call or campaign, endpoints, policy. After all repairs. */
  readonly input: AnyRunInput;
  /** @internal */
  readonly startedAtMs: number;
  readonly #taskQueue: string;
  readonly #life: RunLife;
  readonly #facts: RunFact[] = [];
  readonly #whenEnded: (() => void)[] = [];
  #status: 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TERMINATED' = 'RUNNING';
  #stalled: Stalled | undefined;
  #frozen: FrozenBody | undefined;
  #nowMs: number;

  /** @internal */
  constructor(facts: Readonly<Record<'workflowId' | 'runId' | 'taskQueue', string>>, input: AnyRunInput) {
    this.workflowId = facts.workflowId;
    this.runId = facts.runId;
    this.#taskQueue = facts.taskQueue;
    this.input = input;
    this.startedAtMs = Date.now();
    this.#nowMs = this.startedAtMs;
    this.#life = new RunLife(this.workflowId, input);
  }

  /** Freezes the body, as the first attempt would, with these artifacts. */
  freeze(artifacts: FakeArtifacts = {}): this {
    checkOptionNames('freeze', artifacts, ['recording', 'transcript', 'summary']);
    if (this.#status === 'RUNNING') this.#prepare(artifacts);
    return this;
  }

  /** One attempt of each open delivery, or of the one to `endpointId`, gets this answer. If it waited, the run's clock
   *  first jumps to the time at which it was due. Throws if no attempt is left, and TypeError for what is no answer. */
  answer(answer: FakeAnswer, only: { readonly endpointId?: string } = {}): this {
    checkOptionNames('answer', only, ['endpointId']);
    const outcome = outcomeOf(answer);
    const { endpointId } = only;
    this.freeze();
    const open = this.#life.of(endpointId).filter((delivery) => !delivery.hasEnded);
    if (open.length === 0) throw new Error(this.#whyNoAttempt(endpointId));
    for (const delivery of open) this.#attempt(delivery, outcome);
    return this.#closed();
  }

  /** The next attempt of each open delivery is answered with 200. */
  deliver(only: { readonly endpointId?: string } = {}): this {
    return this.answer(200, only);
  }

  /** Every attempt that is left gets this answer, so that the ladder is spent. Default 503. */
  fail(answer: FakeAnswer = 503, only: { readonly endpointId?: string } = {}): this {
    do this.answer(answer, only);
    while (this.#life.of(only.endpointId).some((delivery) => !delivery.hasEnded));
    return this;
  }

  /** Somebody terminates the run by force: its open deliveries leave no outcome. */
  terminate(reason?: string): this {
    if (this.#status !== 'RUNNING') throw new Error(`${this.workflowId} cannot be terminated: it has ended`);
    this.#happened({ kind: 'terminated', who: given({ terminateReason: reason }), atMs: this.#now() });
    return this.#end('TERMINATED');
  }

  /** The run stands still for this reason, or no longer if there is none. `status()` tells it, and `retryNow` is not
   *  accepted while no worker would hear it. */
  stall(stalled: Stalled | undefined): this {
    this.#stalled = stalled;
    return this;
  }

  /** The body that every attempt sends, byte for byte. Undefined until it is frozen. */
  get body(): string | undefined {
    return this.#frozen?.body;
  }

  /** @internal What the server would show of it. */
  get facts(): RunFacts {
    const { workflowId, runId, input } = this;
    const isDeaf = this.#stalled?.why === 'no_worker' || this.#stalled?.why === 'task_failing';
    return {
      workflowId,
      runId,
      taskQueue: this.#taskQueue,
      input,
      status: this.#status,
      facts: [...this.#facts],
      startedAtMs: this.startedAtMs,
      pending: [],
      ...(this.#stalled === undefined || !this.isOpen ? {} : { stalled: this.#stalled, isDeaf }),
    };
  }

  /** Whether the run has not ended. */
  get isOpen(): boolean {
    return this.#status === 'RUNNING';
  }

  /** @internal Its end, ms since 1970. */
  get endedAtMs(): number | undefined {
    return this.isOpen ? undefined : this.#nowMs;
  }

  /** @internal Resolves at its end with what a run returns; with undefined if it is canceled or terminated. */
  async outcome(): Promise<WebhookResult | undefined> {
    if (this.isOpen) await new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    return this.#status === 'COMPLETED' || this.#status === 'FAILED' ? this.#life.result() : undefined;
  }

  /** @internal The signal `cancel`. No attempt is in flight between two calls of a test, so the run ends at once. */
  cancel(signal: CancelSignal): void {
    const atMs = this.#now();
    this.#happened({ kind: 'cancel_asked', signal, by: 'fake', atMs });
    for (const delivery of this.#life.cancel(signal, atMs)) {
      if (delivery.life.is === 'preparing' || delivery.hasEnded) continue;
      this.#stopped(delivery, { how: 'cancelled' });
    }
    this.#closed();
  }

  /** @internal The signal `retryNow`: the attempt that waits is the next one, and it is due now. */
  retryNow(signal: RetryNowSignal): void {
    const atMs = this.#now();
    this.#happened({ kind: 'retry_now_asked', signal, atMs });
    for (const delivery of this.#life.retryNow(signal, atMs)) {
      this.#stopped(delivery, { how: 'cancelled' });
      this.#schedule(delivery);
    }
  }

  #prepare(artifacts: FakeArtifacts): void {
    if (this.#frozen !== undefined) return;
    this.#nowMs = Math.max(this.#now(), promisedAtMs(this.input, this.startedAtMs));
    this.#frozen = this.#render(artifacts);
    if (this.input.redelivery?.body === undefined) {
      this.#happened({ kind: 'timer_fired', atMs: this.#nowMs });
      this.#life.settled();
    }
    this.#life.prepared(this.#frozen.artifacts);
    for (const delivery of this.#life.deliveries.filter(({ hasEnded }) => !hasEnded)) {
      this.#schedule(delivery);
      const { refusal } = delivery.endpoint;
      if (refusal !== undefined) this.#attempt(delivery, { outcome: 'refused', code: refusal });
    }
    this.#closed();
  }

  #render(artifacts: FakeArtifacts): FrozenBody {
    const { input } = this;
    const { body, artifacts: statuses } = input.redelivery ?? {};
    if (body !== undefined) return { body, ...given({ artifacts: statuses }) };
    if (!('call' in input)) return renderCampaignBody(input.campaign, input.event);
    return renderCallBody(input.call, input.event, collected(input, artifacts), copiesOf(input.endpoints));
  }

  #schedule(delivery: Delivery): void {
    const { endpoint, retryDelaysMs, attemptsMade, nextTrigger: trigger } = delivery;
    const body = endpoint.refusal === undefined ? (this.body ?? '') : '';
    const input = { subject: this.#subject, endpoint, body, retryDelaysMs, attemptsMade, trigger };
    this.#happened({ kind: 'delivering', input, atMs: this.#nowMs });
    delivery.scheduled(attemptsMade, trigger, this.#nowMs);
  }

  #attempt(delivery: Delivery, outcome: Outcome): void {
    this.#waitOut(delivery);
    const verdict = verdictFor(delivery, outcome);
    const report = this.#report(delivery, outcome, verdict);
    this.#nowMs += ATTEMPT_MS;
    if (verdict === 'delivered') {
      this.#happened({ kind: 'delivered', delivered: { ...report, recorded: true }, atMs: this.#nowMs });
      delivery.reported(report, this.#nowMs);
      delivery.end('delivered', undefined, true);
    } else if (report.nextDelayMs !== undefined) {
      this.#happened({ kind: 'attempt_failed', report, atMs: this.#nowMs });
      delivery.reported(report, this.#nowMs);
    } else {
      const isFinal = verdict !== 'retry';
      this.#stopped(delivery, { how: 'failed', type: FAILURE_TYPE_OF[verdict], isFinal, isAsked: false, report });
    }
  }

  /** The clock jumps to the time at which the waiting attempt is due. */
  #waitOut(delivery: Delivery): void {
    const { life } = delivery;
    this.#nowMs = Math.max(this.#now(), life.is === 'waiting' ? life.untilMs : 0);
    if (life.is !== 'held') return;
    this.#happened({ kind: 'released', endpointId: delivery.endpoint.endpointId, atMs: this.#nowMs });
    delivery.released();
    this.#schedule(delivery);
  }

  #report(delivery: Delivery, outcome: Outcome, verdict: Verdict): AttemptReport {
    const { life, endpoint, nextTrigger: trigger, retryDelaysMs } = delivery;
    const number = life.is === 'attempting' ? life.number : delivery.attemptsMade + 1;
    const nextDelayMs = verdict === 'retry' ? waitAfter(number, retryDelaysMs) : undefined;
    const nextAttemptMs = nextDelayMs === undefined ? undefined : this.#nowMs + ATTEMPT_MS + nextDelayMs;
    const attempt: Attempt = {
      number,
      trigger,
      startedAt: new Date(this.#nowMs).toISOString(),
      durationMs: ATTEMPT_MS,
      ...outcome,
      ...given({ nextAttemptAt: nextAttemptMs === undefined ? undefined : new Date(nextAttemptMs).toISOString() }),
    };
    const body = this.body ?? '';
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    const bodyBytes = Buffer.byteLength(body);
    return { endpointId: endpoint.endpointId, attempt, bodyBytes, bodySha256, ...given({ nextDelayMs }) };
  }

  #stopped(delivery: Delivery, stop: Parameters<Delivery['stopped']>[0]): void {
    const { endpointId } = delivery.endpoint;
    this.#happened({ kind: 'stopped', endpointId, stop, atMs: this.#nowMs });
    delivery.stopped(stop, this.#nowMs);
  }

  /** Closes the run if every delivery has ended, as the workflow does. */
  #closed(): this {
    if (!this.isOpen || !this.#life.hasEnded) return this;
    const result = this.#life.result();
    if (result.state === 'cancelled') return this.#end('CANCELLED');
    this.#happened({ kind: 'closed', result, atMs: this.#nowMs });
    return this.#end(result.state === 'delivered' ? 'COMPLETED' : 'FAILED');
  }

  #end(status: 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TERMINATED'): this {
    this.#status = status;
    for (const tell of this.#whenEnded.splice(0)) tell();
    return this;
  }

  get #subject(): DeliverySubject {
    const { input } = this;
    const runStartedAt = new Date(this.startedAtMs).toISOString();
    return { event: input.event, cycle: input.redelivery?.cycle ?? 1, runStartedAt };
  }

  /** The run's clock. It follows the real one where that is later. */
  #now(): number {
    this.#nowMs = Math.max(this.#nowMs, Date.now());
    return this.#nowMs;
  }

  #happened(fact: RunFact): void {
    this.#facts.push(fact);
  }

  #whyNoAttempt(endpointId: string | undefined): string {
    if (this.#life.of(endpointId).length > 0) return `${this.workflowId} has no attempt left: it has ended`;
    const known = this.input.endpoints.map((endpoint) => endpoint.endpointId).join(', ');
    return `${this.workflowId} has no endpoint ${endpointId}; it has ${known}`;
  }
}
