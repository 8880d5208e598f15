/** The alerts of deploy/prometheus/alerts.yml: as they are, and with all their times made shorter by a factor. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { METRIC_BUCKETS } from '../../../activities/metrics/metric-table.ts';

export const ALERTS_FILE = join(__dirname, '../../../deploy/prometheus/alerts.yml');

/** An alert as the file has it. `firesWithinMs`: what the file promises. */
export type Alert = { readonly name: string; readonly firesWithinMs: number };

type Rule = { readonly alert?: string; readonly labels?: { readonly fires_within?: string } };
type RuleFile = { readonly groups: readonly { readonly rules: readonly Rule[] }[] };

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `10m` → 600000. */
export function spanMs(span: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smh])$/.exec(span) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (Number.isNaN(ms)) throw new Error(`alerts.yml: ${span} is no span of time`);
  return ms;
}

export function readAlerts(): readonly Alert[] {
  const { groups } = parse(readFileSync(ALERTS_FILE, 'utf8')) as RuleFile;
  return groups
    .flatMap(({ rules }) => rules)
    .flatMap(({ alert, labels }) =>
      alert === undefined ? [] : [{ name: alert, firesWithinMs: spanMs(labels?.fires_within ?? '') }],
    );
}

/** The file's text, with every window, `for` and threshold of time divided by `factor`. */
export function scaledRules(factor: number): string {
  const scaled = (span: string): string => `${Math.round(spanMs(span) / factor)}ms`;
  return (
    readFileSync(ALERTS_FILE, 'utf8')
      .replaceAll(/\[(\d+[smh])\]/g, (_all, span: string) => `[${scaled(span)}]`)
      .replaceAll(/\boffset (\d+[smh])/g, (_all, span: string) => `offset ${scaled(span)}`)
      .replaceAll(/^( +for: )(\d+[smh])$/gm, (_all, before: string, span: string) => `${before}${scaled(span)}`)
      // The age of the backlog, in seconds.
      .replaceAll(/ > (bool )?60\b/g, (_all, bool = '') => ` > ${bool}${60 / factor}`)
      .replaceAll(/le="(\d+)"/g, (_all, bound: string) => `le="${nextBound(Number(bound) / factor)}"`)
  );
}

/** Workers have fixed bounds, so the next one is taken. */
function nextBound(ms: number): number {
  const bounds = METRIC_BUCKETS['topcalls_webhook_lateness'] ?? [];
  return bounds.find((bound) => bound >= ms) ?? Number.NaN;
}
