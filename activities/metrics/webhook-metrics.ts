/**
 * Counts what the activities do, through the meter of the activity's context. So the host's one exporter shows our
 * metrics beside the SDK's. Nothing here may touch a delivery: whatever a meter throws is caught, and told once.
 */
import { Context } from '@temporalio/activity';
import type { MetricTags } from '@temporalio/common';
import { carriedRepairs } from '../../contract/carried-repairs.ts';
import { type CollectedArtifacts, statusesOf } from '../../contract/collected-artifacts.ts';
import type { Attempt } from '../../contract/delivery-state.ts';
import { latenessMs } from '../../contract/lateness.ts';
import type { DeliverInput } from '../../contract/run-messages.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';
import type { ActivityLog } from '../activity-log.ts';
import { isGivenOutAgain } from '../own-attempt.ts';
import { errorFacts } from '../port-error.ts';
import { type Metric, METRICS, OTHER } from './metric-table.ts';
import { type Labels, SeriesLimit } from './series-limit.ts';
import { TopEndpoints } from './top-endpoints.ts';

/** Label sets of `attempts`: at most 35, and after them ten more that only say how attempts ended. */
const ATTEMPT_STEPS = [{ above: 35, labels: ['event', 'trigger'] }];
/** Label sets of `ended`: at most 24, and after them one for each state. */
const ENDED_STEPS = [{ above: 24, labels: ['event'] }];
/** What an outcome says of the endpoint. The others say nothing of it: nothing was sent, or the report was lost. */
const RESULTS: Partial<Record<Attempt['outcome'], string>> = {
  delivered: 'delivered',
  http: 'failed',
  network: 'failed',
  timeout: 'failed',
};
/** Deliveries whose end is remembered. An activity that is run again must not count one a second time. */
const MAX_REMEMBERED = 1_000;

/** Attempts under way in this process, by task queue. Several workers may share one. */
const inFlight = new Map<string, number>();

export class WebhookMetrics {
  readonly #say: ActivityLog;
  readonly #endpoints: TopEndpoints | undefined;
  readonly #attempts = new SeriesLimit(ATTEMPT_STEPS);
  readonly #ended = new SeriesLimit(ENDED_STEPS);
  readonly #endedBefore = new Set<string>();
  readonly #shownEndpoints = new Set<string>();
  #hasFailed = false;

  /** `endpoints`: how many endpoints get a label of their own. 0: all are `other`. */
  constructor(say: ActivityLog, endpoints = 0) {
    this.#say = say;
    this.#endpoints = endpoints > 0 ? new TopEndpoints(endpoints) : undefined;
  }

  /** Runs an attempt, which is in flight meanwhile. */
  async whileInFlight<T>(attempt: () => Promise<T>): Promise<T> {
    this.#moveInFlight(1);
    try {
      return await attempt();
    } finally {
      this.#moveInFlight(-1);
    }
  }

  /** An attempt has ended. Call it also for a failed one, before the activity fails. */
  attempted({ subject, endpoint }: DeliverInput, attempt: Attempt): void {
    this.#safely(() => {
      const { outcome, number, durationMs } = attempt;
      this.#countAttempt(subject.event, endpoint.endpointId, attempt);
      // Nothing went to a receiver, so there is no time that it took, and the first attempt is still to come.
      if (outcome === 'not_sent' || outcome === 'refused') return;
      record(METRICS.attemptLatency, durationMs);
      // A run that was reset was promised for the time of its first life.
      const isFirst = number === 1 && !isGivenOutAgain(Context.current());
      const lateMs = isFirst ? latenessMs({ ...subject, attempts: [attempt] }) : undefined;
      if (lateMs !== undefined) record(METRICS.lateness, lateMs);
    });
  }

  /** A delivery has ended, and the log has taken or refused its record. Counts each delivery once, as far as this
   *  worker knows. Its attempts that never reported are counted here, since nobody else could. */
  ended(ended: DeliveryRecord): void {
    this.#safely(() => {
      if (this.#hasEndedBefore(ended)) return;
      add(METRICS.ended, this.#ended.fit({ event: known('ended', 'event', ended.event), state: ended.state }));
      for (const attempt of ended.attempts) {
        if (attempt.outcome === 'unknown') this.#countAttempt(ended.event, ended.endpointId, attempt);
      }
    });
  }

  /** The log did not take a record in this try. */
  notRecorded(): void {
    this.#safely(() => add(METRICS.notRecorded, {}));
  }

  /** What the client changed about reported data. `repairs` may be anything. */
  repaired(repairs: unknown): void {
    this.#safely(() => {
      for (const { field } of carriedRepairs(repairs) ?? []) {
        // `metadata.plan[2]` counts as `metadata`: what stands behind it is the host's own word.
        add(METRICS.repaired, { field: known('repaired', 'field', /^\w*/.exec(field)?.[0] ?? '') });
      }
    });
  }

  /** The artifacts of a call are decided. `waitMs`: since the first question. */
  artifacts(artifacts: CollectedArtifacts, waitMs: number): void {
    this.#safely(() => {
      for (const [artifact, status] of Object.entries(statusesOf(artifacts)))
        add(METRICS.artifacts, { artifact, status });
      record(METRICS.artifactWait, waitMs);
    });
  }

  #countAttempt(event: string, endpointId: string, { outcome, status, trigger }: Attempt): void {
    const labels = { event: known('attempts', 'event', event), outcome, class: classOf(outcome, status), trigger };
    add(METRICS.attempts, this.#attempts.fit(labels));
    const result = RESULTS[outcome];
    if (result !== undefined) this.#countForEndpoint(this.#endpoints?.labelFor(endpointId) ?? OTHER, result);
  }

  /** Both results show as soon as one does. A counter that begins at 1 would hide a first delivery from `increase`. */
  #countForEndpoint(endpoint: string, result: string): void {
    if (!this.#shownEndpoints.has(endpoint)) {
      this.#shownEndpoints.add(endpoint);
      for (const each of METRICS.endpointAttempts.labels.result)
        add(METRICS.endpointAttempts, { endpoint, result: each }, 0);
    }
    add(METRICS.endpointAttempts, { endpoint, result });
  }

  #hasEndedBefore({ webhookId, cycle, runId }: DeliveryRecord): boolean {
    const key = `${webhookId}/${cycle}/${runId}`;
    if (this.#endedBefore.has(key)) return true;
    const [oldest] = this.#endedBefore;
    if (this.#endedBefore.size >= MAX_REMEMBERED && oldest !== undefined) this.#endedBefore.delete(oldest);
    this.#endedBefore.add(key);
    return false;
  }

  #moveInFlight(change: number): void {
    this.#safely(() => {
      const { namespace, taskQueue } = Context.current().info;
      const queue = JSON.stringify([namespace, taskQueue]);
      const now = (inFlight.get(queue) ?? 0) + change;
      inFlight.set(queue, now);
      const { name, unit, description } = METRICS.inFlight;
      Context.current().metricMeter.createGauge(name, 'int', unit, description).set(now, NO_ACTIVITY_TYPE);
    });
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#say.warn('webhook.not_measured', { ...errorFacts(error), fix: 'look at the metrics of the SDK runtime' });
    }
  }
}

/** Takes off a label that the SDK adds: `ended` is counted in two activities, and one number must not become two. */
const NO_ACTIVITY_TYPE = { activityType: undefined } as unknown as MetricTags;

// Each use makes its instrument anew, which takes a few microseconds. A kept one would have the labels that a host's
// interceptors gave to the activity that made it.
function add({ name, unit, description }: Metric, labels: Labels, count = 1): void {
  Context.current()
    .metricMeter.createCounter(name, unit, description)
    .add(count, { ...labels, ...NO_ACTIVITY_TYPE });
}

/** A clock that is behind must not give a time below 0, which the SDK refuses. */
function record({ name, unit, description }: Metric, ms: number): void {
  Context.current()
    .metricMeter.createHistogram(name, 'int', unit, description)
    .record(Math.max(0, Math.round(ms)), NO_ACTIVITY_TYPE);
}

/** The value if the table has it. A run may have been started by hand, with anything in its input. */
function known<M extends keyof typeof METRICS>(
  metric: M,
  label: keyof (typeof METRICS)[M]['labels'] & string,
  value: string,
): string {
  const { labels }: Metric = METRICS[metric];
  return labels[label]?.includes(value) === true ? value : OTHER;
}

function classOf(outcome: Attempt['outcome'], status: number | undefined): string {
  if (outcome !== 'http' && outcome !== 'delivered') return outcome;
  const hundred = `${Math.floor((status ?? 0) / 100)}xx`;
  return known('attempts', 'class', hundred);
}
