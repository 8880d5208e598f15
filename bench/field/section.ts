/** The section of docs/benchmarks.md. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { medianOf } from '../median.ts';
import type { Section } from '../page-section.ts';
import { TUNED } from './contestants.ts';
import { percentiles, type Findings, type Sizes } from './measure.ts';
import type { Microseconds } from './microseconds.ts';
import { versionOf } from './packages.ts';
import type { Servers } from './servers.ts';
import { ratioOf, type Verdict } from './verdicts.ts';

type Measured = {
  readonly findings: readonly Findings[];
  readonly verdicts: readonly Verdict[];
  readonly sizes: Sizes;
  readonly perSecond: number;
  readonly servers: Servers;
  readonly micro: Microseconds;
};

export async function sectionOf({ findings, verdicts, sizes, perSecond, servers, micro }: Measured): Promise<Section> {
  const { words, client } = servers.temporal;
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const { version: sdk } = require('@temporalio/client/package.json') as { version: string };
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim().split(/\s+/).slice(0, 2).join(' ')}`;
  const text = `Written by \`npm run bench:field\` (bench/field); do not edit. All get the same calls for the same
receivers, with artifacts that are ready and a log in memory. They take turns in one run, in ${sizes.rounds} rounds of
${sizes.calls} calls, by workers that are warm. Each ratio is the median of the rounds' ratios to the ${TUNED}.
Each POST's signature was verified. What they are: [0035](decisions/0035-benchmarks-beside-the-field.md).

${speedTable(findings)}

*Calls/s* counts the time until all calls are started, and the time from the first call's due moment to the last POST.
*CPU* is processor time of the worker, of the server with its database, and of the engine that reports the calls.
*State* is what the database grows by for each call.

${latenessTable(findings, perSecond)}

*Late* is from the end of the settle time to the POST, from the engine's point of view, in all rounds together. In the
last column every fifth call goes to a receiver that never answers; the others' lateness is told. *Memory* is what the
worker's process grew by.

| what must hold | beside | is | bound | holds |
|---|---|---|---|---|
${verdicts.map(verdictRow).join('\n')}

Rendering a body of ${micro.bodyBytes} bytes takes ${micro.render.toFixed(0)} µs, and signing it
${micro.sign.toFixed(0)} µs.

Temporal ${words} ${serverVersion}; SDK ${sdk}; BullMQ ${versionOf('bullmq')}; DBOS ${versionOf('@dbos-inc/dbos-sdk')}.
PostgreSQL and Redis do not wait for the disk. ${ownVersion()}; Node ${process.version}; ${machine};
${new Date().toISOString().slice(0, 10)}.`;
  return { heading: `Beside the field: ${words}`, text };
}

function speedTable(findings: readonly Findings[]): string {
  const tuned = findings.find(({ contestant }) => contestant.name === TUNED);
  const rows = findings.map((found) => {
    const of = (value: (burst: Findings['bursts'][number]) => number): number => medianOf(found.bursts.map(value));
    const ratio = (value: (burst: Findings['bursts'][number]) => number): string =>
      ratioOf(found, tuned, value)?.toFixed(2) ?? '–';
    return row([
      found.contestant.name,
      of(({ callsPerSecond }) => callsPerSecond).toFixed(0),
      ratio(({ callsPerSecond }) => callsPerSecond),
      of(({ cpu }) => cpu.all).toFixed(1),
      ratio(({ cpu }) => cpu.all),
      of(({ cpu }) => cpu.worker).toFixed(1),
      ratio(({ cpu }) => cpu.worker),
      of(({ cpu }) => cpu.server).toFixed(1),
      of(({ cpu }) => cpu.engine).toFixed(1),
      found.historyBytes === undefined ? '–' : kib(found.historyBytes),
      found.grown.length === 0 ? '–' : kib(meanOf(found.grown)),
    ]);
  });
  return [
    '| what | calls/s | ratio | CPU s per 1,000 | ratio | worker | ratio | server | engine | history KiB | state KiB |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function latenessTable(findings: readonly Findings[], perSecond: number): string {
  const load = perSecond.toFixed(1);
  const rows = findings
    .filter(({ late }) => late.length > 0)
    .map(({ contestant, late, lateBesideHung, mbPerThousand }) =>
      row([
        contestant.name,
        lateness(late),
        lateness(lateBesideHung),
        mbPerThousand === undefined ? '–' : mbPerThousand.toFixed(0),
      ]),
    );
  return [
    `| what | late at ${load} calls/s: p50 / p99 ms | with 20 % hung: p50 / p99 ms | memory MB per 1,000 that settle |`,
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function verdictRow({ what, beside, value, bound, holds }: Verdict): string {
  return row([what, beside, value.toFixed(2), bound, holds ? 'yes' : '**no**']);
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
function lateness(late: readonly number[]): string {
  if (late.length === 0) return '–';
  const { p50, p99 } = percentiles(late);
  return `${p50.toFixed(0)} / ${p99.toFixed(0)}`;
}

const kib = (bytes: number): string => (bytes / 1_024).toFixed(1);

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(`${__dirname}/../../package.json`, 'utf8')) as { version: string };
  return `Ours ${version}`;
}
