/** Runs `doctor`: look, judge, tell. */
import type { ExitCode } from '../../process/exit.ts';
import { exitOf } from './exit-code.ts';
import type { Terminal } from '../../process/terminal.ts';
import { findingsOf } from './findings.ts';
import { look, type LookOptions } from './look.ts';
import { metricsText } from './metrics-text.ts';
import { notesOn } from './notes.ts';
import { serveMetrics } from './serve-metrics.ts';
import { reportInWords, summaryOf } from './words.ts';

/** Options of `doctor`. */
export type DoctorOptions = LookOptions & {
  readonly json: boolean;
  readonly metrics: boolean;
  /** Serve metrics there. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Of `listen`: how long an answer is kept, ms. */
  readonly interval: number;
};

/** Prints what is wrong. Resolves with the exit code. Rejects with CliError for an address that it cannot serve on. */
export async function runDoctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const { listen, interval } = options;
  if (listen !== undefined) {
    return serveMetrics({ ...listen, intervalMs: interval }, terminal, async () => {
      const now = await look({ ...options, probe: false }, terminal);
      return metricsText(now, findingsOf(now));
    });
  }
  // A scrape comes every minute. It must not start runs, and must not wait for workers.
  const probe = options.probe && !options.metrics;
  const facts = await look({ ...options, probe }, terminal);
  const findings = findingsOf(facts);
  const notes = notesOn(facts);
  if (options.metrics) terminal.data(metricsText(facts, findings));
  else if (options.json) terminal.data(JSON.stringify({ findings, notes, ...facts }, undefined, 2));
  else terminal.data(reportInWords(facts, findings));
  terminal.say(`doctor: ${summaryOf(findings, options.metrics ? [] : notes)}`);
  return exitOf(facts, findings);
}
