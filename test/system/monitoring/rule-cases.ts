/**
 * What `promtool test rules` plays: an hour of healthy numbers, and the same hour with one fault from its 20th minute
 * on. Each fault fires its own alert within the promised time and no other.
 */
import { ALERTS_FILE, type Alert } from './rules.ts';

/** Series by name, as promtool writes values: one sample each 15 s. */
type Series = Readonly<Record<string, string>>;

const SAMPLES = 240;
/** The fault begins with this sample, which is the 20th minute. */
const FAULT = 80;
const FAULT_MS = FAULT * 15_000;

/** A counter that grows by `before` a sample, and from the fault on by `after`. */
const growing = (before: number, after = before): string =>
  `0+${before}x${FAULT - 1} ${before * FAULT + after}+${after}x${SAMPLES - FAULT}`;
/** A gauge. */
const level = (before: number, after = before): string => `${before}x${FAULT - 1} ${after}x${SAMPLES - FAULT}`;
/** A counter that begins with the fault. */
const beginning = (step: number): string => `_x${FAULT} ${step}+${step}x${SAMPLES - FAULT}`;

const ATTEMPTS = 'topcalls_webhook_attempts';
const SLOTS = 'worker_type="ActivityWorker",instance="w1",task_queue="q"';
const OK = `${ATTEMPTS}{outcome="delivered",class="2xx"}`;
const BAD = `${ATTEMPTS}{outcome="http",class="5xx"}`;
const ofEndpoint = (endpoint: string, result: 'delivered' | 'failed'): string =>
  `topcalls_webhook_endpoint_attempts{endpoint="${endpoint}",result="${result}"}`;
const OK_1 = ofEndpoint('ep_1', 'delivered');
const BAD_1 = ofEndpoint('ep_1', 'failed');
const OK_2 = ofEndpoint('ep_2', 'delivered');
const BAD_2 = ofEndpoint('ep_2', 'failed');
const OK_OTHER = ofEndpoint('other', 'delivered');
const BAD_OTHER = ofEndpoint('other', 'failed');
const NOT_SENT = `${ATTEMPTS}{outcome="not_sent",class="not_sent"}`;
const READY = 'topcalls_webhook_artifacts{artifact="summary",status="ready"}';
const TIMED_OUT = 'topcalls_webhook_artifacts{artifact="summary",status="timed_out"}';
const IN_TIME = 'topcalls_webhook_lateness_bucket{le="120000",instance="w1"}';
const FIRST = 'topcalls_webhook_lateness_count{instance="w1"}';
const FREE = `temporal_worker_task_slots_available{${SLOTS}}`;
const USED = `temporal_worker_task_slots_used{${SLOTS}}`;
/** Of another team's worker in the same Prometheus. */
const FOREIGN = 'worker_type="ActivityWorker",instance="x1",task_queue="elsewhere"';
const TWO_WEEKS = 14 * 86_400;
const WAIT_FOR_LOG = 'topcalls_webhook_runs_waiting{for="log"}';
const WAIT_FOR_NOTIFY = 'topcalls_webhook_runs_waiting{for="notify"}';
const POLLERS = 'topcalls_webhook_pollers{task_queue="q",kind="workflow"}';
const AGE = 'topcalls_webhook_backlog_age_seconds{task_queue="q",kind="activity"}';

const HEALTHY: Series = {
  [OK]: growing(60),
  // Now and then a receiver stumbles.
  [BAD]: '0+0x20 1+0x60 2+0x80 3+0x80',
  [OK_1]: growing(30),
  [BAD_1]: '0+0x20 1+0x60 2+0x80 3+0x80',
  [OK_2]: growing(20),
  [BAD_2]: growing(0),
  [OK_OTHER]: growing(10),
  [BAD_OTHER]: growing(0),
  [NOT_SENT]: growing(0),
  topcalls_webhook_not_recorded: growing(0),
  [READY]: growing(20),
  [TIMED_OUT]: '0+0x50 1+0x190',
  [IN_TIME]: growing(50),
  [FIRST]: growing(50),
  [FREE]: level(480),
  [USED]: level(20),
  [`temporal_worker_task_slots_available{${FOREIGN}}`]: level(0),
  [`temporal_worker_task_slots_used{${FOREIGN}}`]: level(100),
  topcalls_webhook_server_up: level(1),
  topcalls_webhook_database_up: level(1),
  [POLLERS]: level(2),
  'topcalls_webhook_pollers{task_queue="q",kind="activity"}': level(2),
  [AGE]: level(0),
  topcalls_webhook_runs_stuck: level(0),
  'topcalls_webhook_runs_waiting{for="us"}': level(0),
  // Now and then a record is taken only in the second try, and so is an event.
  [WAIT_FOR_LOG]: '0x60 1x3 0x60 2x3 0x112',
  [WAIT_FOR_NOTIFY]: '0x60 1x3 0x60 2x3 0x112',
  topcalls_webhook_unrecorded: level(0),
};

/** Without the option `metrics.endpoints` no endpoint has a label of its own. */
const unlabelled = (series: Series): Series =>
  Object.fromEntries(Object.entries(series).filter(([name]) => !name.includes('"ep_')));

/** One webhook after the other to an endpoint that is down: attempts after 0, 1, 6 and 21 min; the next at 30 min. */
const LADDERS = '1x3 2x19 3x59 4x35 5x3 6x19 7x100';
const NOBODY_ELSE: Series = {
  [OK]: growing(0),
  [OK_1]: growing(0),
  [BAD_1]: growing(0),
  [OK_2]: growing(0),
  [OK_OTHER]: growing(0),
};

const DOCTOR = Object.keys(HEALTHY).filter((name) =>
  /_(server_up|database_up|pollers|backlog|runs|unrecorded)/.test(name),
);
/** Series that end with the fault. */
const gone = (names: readonly string[]): Series =>
  Object.fromEntries(names.map((name) => [name, `${HEALTHY[name]?.split(' ')[0]} stale`]));

/** `alert`: the only one that fires. */
type Case = { readonly name: string; readonly alert: string; readonly series: Series };

const CASES: readonly Case[] = [
  {
    name: 'the server does not answer, so the doctor shows nothing but that',
    alert: 'ServerUnreachable',
    series: {
      ...gone(DOCTOR.filter((name) => !/database_up/.test(name))),
      topcalls_webhook_server_up: level(1, 0),
      [OK]: growing(60, 0),
      [OK_1]: growing(30, 0),
      [OK_2]: growing(20, 0),
      [OK_OTHER]: growing(10, 0),
    },
  },
  {
    name: 'no worker polls; nobody scrapes what is not there',
    alert: 'NoWorker',
    series: { ...gone([FREE, USED]), [POLLERS]: level(2, 0), [AGE]: `0x${FAULT - 1} 15+15x${SAMPLES - FAULT}` },
  },
  {
    name: 'no slot is free, and tasks wait',
    alert: 'SlotsFull',
    series: { [FREE]: level(480, 0), [USED]: level(20, 500), [AGE]: level(0, 300), [IN_TIME]: growing(50, 10) },
  },
  {
    name: 'workers are slower than the calls',
    alert: 'Backlog',
    series: { [AGE]: `0x${FAULT - 1} 15+15x${SAMPLES - FAULT}`, [IN_TIME]: growing(50, 10) },
  },
  {
    name: 'a workflow task fails again and again',
    alert: 'RunsStuck',
    series: { topcalls_webhook_runs_stuck: level(0, 1) },
  },
  {
    name: 'the database does not answer',
    alert: 'LogDown',
    series: {
      topcalls_webhook_database_up: level(1, 0),
      topcalls_webhook_not_recorded: growing(0, 5),
      ...gone(['topcalls_webhook_unrecorded']),
    },
  },
  {
    name: 'workers say that the log takes nothing',
    alert: 'LogDown',
    series: { topcalls_webhook_not_recorded: growing(0, 1) },
  },
  {
    name: 'the database answers, and runs wait for the log all the same',
    alert: 'LogDown',
    series: { [WAIT_FOR_LOG]: level(0, 3) },
  },
  {
    name: 'nobody takes the events of deliveries',
    alert: 'NotifyDown',
    series: { [WAIT_FOR_NOTIFY]: level(0, 1) },
  },
  {
    name: 'a worker without a log takes the runs',
    alert: 'NothingRecorded',
    series: { topcalls_webhook_unrecorded: `0x${FAULT - 1} 10+10x${SAMPLES - FAULT}` },
  },
  {
    name: 'artifacts do not come',
    alert: 'ArtifactSourceDown',
    series: { [READY]: growing(20, 0), [TIMED_OUT]: growing(0, 20) },
  },
  {
    name: 'the store of secrets is down; what waited is late afterwards',
    alert: 'SecretStoreDown',
    series: {
      [NOT_SENT]: growing(0, 5),
      'topcalls_webhook_runs_waiting{for="us"}': level(0, 20),
      [IN_TIME]: growing(50, 10),
    },
  },
  {
    name: 'nobody is reached',
    alert: 'EverythingFailing',
    series: {
      [OK]: growing(60, 0),
      [BAD]: growing(0, 60),
      [OK_1]: growing(30, 0),
      [BAD_1]: growing(0, 30),
      [OK_2]: growing(20, 0),
      [BAD_2]: growing(0, 20),
      [OK_OTHER]: growing(10, 0),
      [BAD_OTHER]: growing(0, 10),
    },
  },
  {
    name: 'one endpoint of two fails',
    alert: 'EndpointFailing',
    series: { [OK]: growing(60, 40), [BAD]: growing(0, 60), [OK_2]: growing(20, 0), [BAD_2]: growing(0, 60) },
  },
  {
    name: 'an endpoint without a label fails, beside others with one',
    alert: 'EndpointFailing',
    series: { [BAD]: growing(0, 5), [BAD_OTHER]: growing(0, 5) },
  },
  {
    name: 'an endpoint with one webhook at a time fails',
    alert: 'EndpointFailing',
    series: {
      [ofEndpoint('ep_3', 'failed')]: `_x${FAULT} ${LADDERS}`,
      [ofEndpoint('ep_3', 'delivered')]: `_x${FAULT} 0x160`,
    },
  },
  {
    name: 'an endpoint with one webhook at a time fails, and nobody else gets any',
    alert: 'EndpointFailing',
    series: { ...NOBODY_ELSE, [BAD]: `0x${FAULT - 1} ${LADDERS}`, [BAD_2]: `0x${FAULT - 1} ${LADDERS}` },
  },
  {
    name: 'webhooks are late, and nothing explains it',
    alert: 'Late',
    series: { [IN_TIME]: growing(50, 40) },
  },
  {
    name: 'the engine reports odd data for the first time',
    alert: 'Repairs',
    series: { 'topcalls_webhook_repaired{field="duration"}': beginning(1) },
  },
  {
    name: 'the client certificate has less than two weeks left',
    alert: 'CertificateEnds',
    series: { topcalls_webhook_certificate_expires_seconds: level(TWO_WEEKS + 60, TWO_WEEKS - 60) },
  },
  { name: 'the doctor is not there', alert: 'DoctorMissing', series: gone(DOCTOR) },
  {
    name: 'the doctor cannot read the runs',
    alert: 'DoctorMissing',
    series: gone(['topcalls_webhook_runs_stuck']),
  },
  {
    name: 'the doctor cannot compare runs with the log',
    alert: 'DoctorMissing',
    series: gone(['topcalls_webhook_unrecorded']),
  },
  { name: 'workers poll and are not scraped', alert: 'WorkerMetricsMissing', series: gone([FREE, USED]) },
  {
    name: 'a host gives its exporter no bounds',
    alert: 'WorkerMetricsMissing',
    series: gone([IN_TIME]),
  },
  {
    name: 'one host of two gives its exporter no bounds',
    alert: 'WorkerMetricsMissing',
    series: { 'topcalls_webhook_lateness_count{instance="w2"}': beginning(50) },
  },
];

/** What must fire nothing, in a whole hour. */
const SILENT: readonly Omit<Case, 'alert'>[] = [
  { name: 'a healthy hour', series: {} },
  { name: 'a tuner by resources knows no number of free slots', series: gone([FREE]) },
  {
    name: 'one webhook is late in a quiet hour',
    series: { [FIRST]: '0x79 1x20 2x20 3x20 4x100', [IN_TIME]: '0x100 1x20 2x20 3x100' },
  },
  {
    name: 'one attempt fails in a quiet hour, and two of another webhook',
    series: {
      ...NOBODY_ELSE,
      [BAD]: '0x79 1x40 2x3 3x150',
      [OK]: '0x99 1x44 2x120',
      [BAD_1]: '0x79 1x200',
      [OK_1]: '0x99 1x200',
      [BAD_2]: '0x120 1x3 2x150',
      [OK_2]: '0x144 1x150',
    },
  },
  {
    name: 'nobody is reached for two minutes',
    series: {
      [OK]: '0+60x79 4800+0x7 4860+60x160',
      [BAD]: '0x79 60+60x7 480x160',
      [OK_1]: '0+60x79 4800+0x7 4860+60x160',
      [BAD_1]: '0x79 60+60x7 480x160',
      [OK_OTHER]: '0+60x79 4800+0x7 4860+60x160',
      [BAD_OTHER]: '0x79 60+60x7 480x160',
    },
  },
  { name: 'attempts whose report was lost', series: { [`${ATTEMPTS}{outcome="unknown"}`]: growing(0, 1_000) } },
];

/** The file for promtool, which reads JSON as YAML. */
export function ruleTests(alerts: readonly Alert[]): string {
  const tests = [
    ...SILENT.map(({ name, series }) => ({ name, series: { ...HEALTHY, ...series }, expected: [everFired('')] })),
    { name: 'a healthy hour without the label', series: unlabelled(HEALTHY), expected: [everFired('')] },
    ...CASES.map(({ name, alert, series }) => ({
      name,
      series: { ...HEALTHY, ...series },
      expected: expectedOf(alerts, alert),
    })),
    {
      name: 'one endpoint fails, and no series names it',
      series: unlabelled({ ...HEALTHY, [BAD]: growing(0, 5), [BAD_OTHER]: growing(0, 5) }),
      expected: expectedOf(alerts, 'EndpointFailing'),
    },
  ].map(({ name, series, expected }) => ({
    name,
    interval: '15s',
    input_series: Object.entries(series).map(([of, values]) => ({ series: of, values })),
    promql_expr_test: expected.map(({ atMs, fires, during }) => ({
      expr: `count by (alertname) (${during}(ALERTS{alertstate="firing"}[${DURING[during]}]))`,
      eval_time: `${atMs / 1_000}s`,
      exp_samples: fires === '' ? [] : [{ labels: `{alertname="${fires}"}`, value: 1 }],
    })),
  }));
  return JSON.stringify({ rule_files: [ALERTS_FILE], evaluation_interval: '15s', tests }, undefined, 1);
}

/** At one time, or in the whole hour. */
const DURING = { last_over_time: '15s', max_over_time: '1h' };
const END_MS = SAMPLES * 15_000 - 60_000;

type Expected = { readonly atMs: number; readonly fires: string; readonly during: keyof typeof DURING };

const everFired = (fires: string): Expected => ({ atMs: END_MS, fires, during: 'max_over_time' });

/** Alerts without a case. */
export function untested(alerts: readonly Alert[]): readonly string[] {
  const tested = new Set(CASES.map(({ alert }) => `TopcallsWebhook${alert}`));
  return alerts.map(({ name }) => name).filter((name) => !tested.has(name));
}

/** Nothing before the fault. Within the promised time the alert fires, at the end it still does, and no other ever. */
function expectedOf(alerts: readonly Alert[], short: string): readonly Expected[] {
  const name = `TopcallsWebhook${short}`;
  const promised = alerts.find((alert) => alert.name === name)?.firesWithinMs;
  if (promised === undefined) throw new Error(`alerts.yml has no alert ${name}`);
  return [
    { atMs: FAULT_MS - 15_000, fires: '', during: 'last_over_time' },
    { atMs: FAULT_MS + promised, fires: name, during: 'last_over_time' },
    { atMs: END_MS, fires: name, during: 'last_over_time' },
    everFired(name),
  ];
}
