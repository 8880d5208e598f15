/** Holds alerts and dashboard together with the metrics that exist, and with docs/operate.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ENDPOINT_LABEL, type Metric, METRIC_BUCKETS, METRICS } from '../../activities/metrics/metric-table.ts';
import { metricsText } from '../../cli/commands/doctor/metrics-text.ts';
import { ROOT } from '../support/source-imports.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
type Rule = {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};
const { groups } = parse(read('deploy/prometheus/alerts.yml')) as { readonly groups: { readonly rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);
type Panel = { readonly title: string; readonly targets?: readonly { readonly expr: string }[] };
const dashboard = JSON.parse(read('deploy/grafana/webhooks.json')) as { readonly panels: readonly Panel[] };
const queries = [
  ...rules.map(({ expr }) => expr),
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
];
const page = read('docs/operate.md');

describe('alerts and dashboard', () => {
  it('ask for metrics that exist, by labels and values that they have', () => {
    const recorded = new Set(rules.map(({ record }) => record));
    const bounds = (name: string): string[] => (METRIC_BUCKETS[name] ?? []).map(String);
    const ours = new Map<string, Readonly<Record<string, readonly string[]>>>(
      Object.values(METRICS).flatMap((metric: Metric) =>
        metric.kind === 'histogram'
          ? [
              [`${metric.name}_bucket`, { le: bounds(metric.name) }],
              [`${metric.name}_count`, {}],
            ]
          : [[metric.name, metric.labels]],
      ),
    );
    const asked = queries.flatMap((expr) => [...expr.matchAll(/\b(topcalls_webhook[\w:]*)(?:\{([^}]*)\})?/g)]);
    expect(asked.length).toBeGreaterThan(50);
    const wrong = asked.flatMap(([all, name = '', matchers = '']) => {
      if (recorded.has(name) || doctorNames().has(name)) return [];
      const labels = ours.get(name);
      if (labels === undefined) return [all];
      return [...matchers.matchAll(/(\w+)[!=]~?"([^"]*)"/g)].flatMap(([matcher, label = '', values = '']) => {
        if (label === ENDPOINT_LABEL) return [];
        return values.split('|').every((value) => labels[label]?.includes(value) === true)
          ? []
          : [`${name}: ${matcher}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('take no data for good news: every number that an alert needs is missed by one of two', () => {
    const missing = alerts.filter(({ alert = '' }) => alert.endsWith('Missing')).map(({ expr }) => expr);
    expect(missing).toHaveLength(2);
    for (const expr of missing) expect(expr).toContain('absent(');
    const needed = alerts.flatMap(({ expr }) => [
      ...expr.matchAll(/\btopcalls_webhook_(?:runs|pollers|backlog|unrecorded|server)\w*/g),
    ]);
    const unguarded = new Set(needed.map(([name]) => name).filter((name) => !missing.join('\n').includes(name)));
    expect([...unguarded]).toEqual([]);
  });
});

describe('docs/operate.md', () => {
  it('has every alert with its severity and time, and no other', () => {
    const [, table = ''] = /\| alert \| severity \|.*\n.*\n((?:\|.*\n)+)/.exec(page) ?? [];
    const told = table
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, 4)
          .map((cell) => cell.trim().replaceAll('`', '')),
      );
    expect(told).toEqual(
      alerts.map(({ alert, labels = {} }) => [alert, labels['severity'], labels['fires_within']?.replace('m', ' min')]),
    );
  });

  it('has a row of the runbook for every alert, and every alert leads to the page', () => {
    const [, runbook = ''] = /\| symptom \|.*\| alert \|\n.*\n((?:\|.*\n)+)/.exec(page) ?? [];
    const led = new Set(
      runbook
        .trim()
        .split('\n')
        .flatMap((line) => [...(line.split('|').at(-2) ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name)),
    );
    const names = alerts.map(({ alert = '' }) => alert.replace('TopcallsWebhook', ''));
    expect([...led].toSorted()).toEqual(names.toSorted());
    expect(page).toContain('\n### Alerts\n');
    for (const { annotations = {} } of alerts) {
      expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook']);
      expect(annotations['runbook']).toBe('docs/operate.md#alerts');
    }
  });
});

/** What the doctor shows when it sees everything. */
function doctorNames(): ReadonlySet<string> {
  const counts = { no_worker: 0, task_failing: 0, paused: 0, waiting_for_us: 0, waiting_for_log: 0, overdue: 0 };
  const queue = { taskQueue: 'q', kind: 'workflow', live: 1, pollers: [], backlog: { tasks: 0, ageMs: 0 } };
  const facts = {
    at: '2026-01-31T10:00:00.000Z',
    certificateEndsAt: '2026-02-28T10:00:00.000Z',
    taskQueue: 'q',
    server: { is: 'there', seen: { queues: [queue], runs: { open: 0, retrying: 0, counts }, unread: [] } },
    database: { is: 'there', seen: { unrecorded: { runs: 0, unread: 0 } } },
  };
  const text = metricsText(facts as never, []);
  return new Set([...text.matchAll(/^(topcalls_webhook_\w+)/gm)].map(([, name = '']) => name));
}
