/**
 * Every metric of this module: name, kind, unit, labels and the values that a label may have. docs/metrics.md is
 * compared with this table. A value that is not in the table is counted as `other`, so no label can grow. Pure data.
 */
import {
  ARTIFACT_NAMES,
  ARTIFACT_STATUSES,
  ATTEMPT_OUTCOMES,
  ATTEMPT_TRIGGERS,
} from '../../contract/delivery-state.ts';
import { EVENT_NAMES } from '../../contract/event-types.ts';
import { CALL_FIELDS, CAMPAIGN_FIELDS } from '../../contract/reported-fields.ts';

/** One metric. `unit`: in the words of OpenTelemetry, `{attempt}` for a count of attempts. */
export type Metric = {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly unit: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
};

/** Stands for every value that a label does not name. */
export const OTHER = 'other';

/** How an attempt ended, in one word: the answer's hundred, or why there was no answer. */
export const ATTEMPT_CLASSES = [
  '2xx',
  '3xx',
  '4xx',
  '5xx',
  'network',
  'timeout',
  'refused',
  'not_sent',
  'unknown',
  OTHER,
] as const;

/** Fields of a reported call or campaign event. A repair of anything else counts as `other`. */
const REPORTED_FIELDS = [...new Set([...CALL_FIELDS, ...CAMPAIGN_FIELDS])];

/** `reconcile` records terminated runs. It is no worker, so it counts nothing. */
const ENDED_STATES = ['failed', 'refused', 'gone', 'cancelled', 'delivered'] as const;

export const METRICS = {
  attempts: {
    name: 'topcalls_webhook_attempts',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts that ended. Failed ones count, although the SDK calls their failures benign',
    labels: {
      event: [...EVENT_NAMES, OTHER],
      outcome: ATTEMPT_OUTCOMES,
      class: ATTEMPT_CLASSES,
      trigger: [...ATTEMPT_TRIGGERS, OTHER],
    },
  },
  endpointAttempts: {
    name: 'topcalls_webhook_endpoint_attempts',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts that a receiver took, or that failed on the way to it or there',
    // And the ids of few endpoints: ENDPOINT_LABEL.
    labels: { endpoint: [OTHER], result: ['delivered', 'failed'] },
  },
  ended: {
    name: 'topcalls_webhook_ended',
    kind: 'counter',
    unit: '{delivery}',
    description: 'Deliveries that ended and were recorded, or whose record the log refused',
    labels: { event: [...EVENT_NAMES, OTHER], state: ENDED_STATES },
  },
  repaired: {
    name: 'topcalls_webhook_repaired',
    kind: 'counter',
    unit: '{field}',
    description: 'Fields of reported data that the client changed or found odd',
    labels: { field: [...REPORTED_FIELDS, OTHER] },
  },
  artifacts: {
    name: 'topcalls_webhook_artifacts',
    kind: 'counter',
    unit: '{artifact}',
    description: 'What became of the artifacts of completed calls',
    labels: { artifact: ARTIFACT_NAMES, status: ARTIFACT_STATUSES },
  },
  notRecorded: {
    name: 'topcalls_webhook_not_recorded',
    kind: 'counter',
    unit: '{try}',
    description: 'Tries to record a delivery that the delivery log did not take',
    labels: {},
  },
  attemptLatency: {
    name: 'topcalls_webhook_attempt_latency',
    kind: 'histogram',
    unit: 'ms',
    description: 'Time of a POST, from the URL rules to the last byte read of the answer',
    labels: {},
  },
  lateness: {
    name: 'topcalls_webhook_lateness',
    kind: 'histogram',
    unit: 'ms',
    description: 'Start of the first attempt, minus the time it was promised for',
    labels: {},
  },
  artifactWait: {
    name: 'topcalls_webhook_artifact_wait',
    kind: 'histogram',
    unit: 'ms',
    description: 'Time from the first question for artifacts until they were there or given up',
    labels: {},
  },
  inFlight: {
    name: 'topcalls_webhook_in_flight',
    kind: 'gauge',
    unit: '{attempt}',
    description: 'Attempts that this process makes at the moment',
    labels: {},
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** Label of `endpointAttempts`: `other`, or the endpoint's id if the worker's option `metrics.endpoints` is above 0. */
export const ENDPOINT_LABEL = 'endpoint';

/** Largest value of the option `metrics.endpoints`. */
export const MAX_LABELLED_ENDPOINTS = 20;

/** Upper bounds for the histograms, in ms, for an exporter that takes them per metric. Nine bounds each: twelve series
 *  a histogram. The SDK's own bounds end at 10 s, below an attempt's deadline and far below a lateness of hours. */
export const METRIC_BUCKETS: Readonly<Record<string, number[]>> = {
  topcalls_webhook_attempt_latency: [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 15_000],
  topcalls_webhook_lateness: [1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000],
  topcalls_webhook_artifact_wait: [250, 1_000, 2_500, 5_000, 10_000, 20_000, 30_000, 45_000, 60_000],
};
