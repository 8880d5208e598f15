/**
 * What `promtool test rules` asks of the autoscaler's number (deploy/kubernetes/prometheus-adapter.yaml). Attempts wait
 * for one and a half seconds; whether that is load depends on the slots.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ADAPTER = join(__dirname, '../../../deploy/kubernetes/prometheus-adapter.yaml');

type Series = { readonly series: string; readonly values: string };

/** Half of the attempts of the last minutes waited for up to a second, half for up to two. */
function waiting(queue = 'topcalls-webhooks'): readonly Series[] {
  const bucket = (le: string, step: number): Series => ({
    series: `temporal_activity_schedule_to_start_latency_bucket{task_queue="${queue}",le="${le}"}`,
    values: `0+${step}x60`,
  });
  return [bucket('1000', 10), bucket('2000', 20), bucket('+Inf', 20)];
}

/** Slots of one worker, free ones and taken ones. */
function slots(free: number, used: number, instance = 'w1', queue = 'topcalls-webhooks'): readonly Series[] {
  const labels = `{worker_type="ActivityWorker",instance="${instance}",task_queue="${queue}"}`;
  return [
    { series: `temporal_worker_task_slots_available${labels}`, values: `${free}x60` },
    { series: `temporal_worker_task_slots_used${labels}`, values: `${used}x60` },
  ];
}

const CASES: Readonly<Record<string, readonly [series: readonly Series[], ms: number]>> = {
  'slots are taken, so the wait is load': [[...waiting(), ...slots(20, 480)], 1_900],
  'a limit holds attempts back, and slots are free': [[...waiting(), ...slots(480, 20)], 0],
  'of two workers one is full, and both together are not': [
    [...waiting(), ...slots(0, 500), ...slots(500, 0, 'w2')],
    0,
  ],
  'slots are taken, and nothing waited': [slots(0, 500), 0],
  'another team waits': [[...waiting('elsewhere'), ...slots(0, 500, 'x1', 'elsewhere'), ...slots(0, 500)], 0],
  'nobody is scraped': [[], 0],
};

/** A file for `promtool test rules`. */
export function autoscalerTests(): string {
  const { rules } = parse(readFileSync(ADAPTER, 'utf8')) as {
    readonly rules: { readonly external: readonly [{ readonly metricsQuery: string }] };
  };
  const expr = rules.external[0].metricsQuery;
  const tests = Object.entries(CASES).map(([name, [series, value]]) => ({
    name,
    interval: '15s',
    input_series: series,
    promql_expr_test: [{ expr, eval_time: '14m', exp_samples: [{ labels: '{}', value }] }],
  }));
  return JSON.stringify({ rule_files: [], evaluation_interval: '15s', tests });
}
