/** Compares docs/metrics.md with the table that the worker counts by, in both directions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ENDPOINT_LABEL, type Metric, METRIC_BUCKETS, METRICS } from '../../activities/metrics/metric-table.ts';
import { ROOT } from '../support/source-imports.ts';

const page = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
const METRIC_LIST: readonly Metric[] = Object.values(METRICS);

/** Rows of the table with this first head cell; a cell of code words is a list. */
function rowsUnder(head: string): string[][] {
  const [table = ''] = page.slice(page.indexOf(`| ${head} |`)).split('\n\n');
  return table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const words = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

describe('docs/metrics.md', () => {
  it('has every metric with its kind, unit, labels and meaning, and no other', () => {
    expect(
      rowsUnder('name').map(([name = '', kind, unit = '', labels = '', what]) => ({
        name: words(name)[0],
        kind,
        unit: words(unit)[0],
        labels: words(labels),
        description: what,
      })),
    ).toEqual(METRIC_LIST.map((metric) => ({ ...metric, labels: Object.keys(metric.labels) })));
  });

  it('has every value of every label, and no other', () => {
    const told = rowsUnder('label').map(([label = '', of = '', values = '']) => [
      words(of)[0],
      words(label)[0],
      words(values),
    ]);
    const counted = METRIC_LIST.flatMap(({ name, labels }) =>
      Object.entries(labels).map(([label, values]) => [name, label, [...values]]),
    );
    expect(told).toEqual(counted);
    expect(page).toContain(`\`${ENDPOINT_LABEL}\``);
  });
});

it('every histogram has bounds of its own, and nothing else has', () => {
  const histograms = METRIC_LIST.filter(({ kind }) => kind === 'histogram').map(({ name }) => name);
  expect(Object.keys(METRIC_BUCKETS).toSorted()).toEqual(histograms.toSorted());
  // Nine bounds: with +Inf, sum and count twelve series.
  expect(Object.values(METRIC_BUCKETS).map(({ length }) => length)).toEqual([9, 9, 9]);
});
