/** A real Prometheus in the run's folder, and questions to it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../temporal-server/ports.ts';
import { startProcess, untilReady } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { scaledRules } from './rules.ts';

export type Prometheus = {
  /** Values of an instant query, one a series. */
  ask(query: string): Promise<readonly number[]>;
  /** How many samples a query gives over a time. Rejects with what Prometheus says against the query. */
  countOver(query: string, fromMs: number, toMs: number): Promise<number>;
  /** Names of our alerts in this state now. */
  alerts(...states: readonly ('pending' | 'firing')[]): Promise<readonly string[]>;
};

/** As the file has it, divided by the factor. */
const SCRAPE_MS = 15_000;

export async function startPrometheus(
  run: SystemRun,
  {
    factor,
    targetsFile,
    doctorAddress,
  }: { readonly factor: number; readonly targetsFile: string; readonly doctorAddress: string },
): Promise<Prometheus> {
  const interval = `${SCRAPE_MS / factor}ms`;
  const file = join(run.folder, 'prometheus.json');
  const rules = join(run.folder, 'alerts.yml');
  writeFileSync(rules, scaledRules(factor));
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: [rules],
    scrape_configs: [
      { job_name: 'topcalls-webhooks-worker', file_sd_configs: [{ files: [targetsFile], refresh_interval: '1s' }] },
      { job_name: 'topcalls-webhooks-doctor', static_configs: [{ targets: [doctorAddress] }] },
    ],
  };
  writeFileSync(file, JSON.stringify(config));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(run.folder, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    // What is five minutes for a Prometheus with the real times.
    `--query.lookback-delta=${Math.round(300_000 / factor)}ms`,
    '--log.level=warn',
  ];
  const running = startProcess(run, 'prometheus', ['prometheus', ...args], { env: { PATH: process.env['PATH'] } });
  await untilReady(running, () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  const get = async (path: string, params: Readonly<Record<string, string>>): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(params).toString()}`);
    const { data, error } = (await response.json()) as { readonly data?: unknown; readonly error?: string };
    if (error !== undefined) throw new Error(`${error}: ${params['query']}`);
    return data;
  };
  return {
    ask: async (query) => {
      const { result } = (await get('query', { query })) as { readonly result: readonly Vector[] };
      return result.map(({ value: [, text] }) => Number(text));
    },
    countOver: async (query, fromMs, toMs) => {
      const step = String(Math.max(1, (toMs - fromMs) / 1_000 / 500));
      const times = { start: String(fromMs / 1_000), end: String(toMs / 1_000), step };
      const { result } = (await get('query_range', { query, ...times })) as { readonly result: readonly Matrix[] };
      return result.reduce((sum, { values }) => sum + values.filter(([, value]) => value !== 'NaN').length, 0);
    },
    alerts: async (...states) => {
      const { alerts } = (await get('alerts', {})) as { readonly alerts: readonly ActiveAlert[] };
      const found = alerts.filter(({ state }) => (states as readonly string[]).includes(state));
      return [...new Set(found.map(({ labels }) => labels.alertname))].toSorted();
    },
  };
}

type Vector = { readonly value: readonly [number, string] };
type Matrix = { readonly values: readonly (readonly [number, string])[] };
type ActiveAlert = { readonly state: string; readonly labels: { readonly alertname: string } };
