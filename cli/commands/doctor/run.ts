/** Runs `doctor`: look, judge, tell. */
import { EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { findingsOf } from './findings.ts';
import { look, type LookOptions } from './look.ts';
import { metricsText } from './metrics-text.ts';
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

/** Prints what is wrong. Resolves with 0 if there is no trouble, 3 if no server answers, else 1. */
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
  if (options.metrics) terminal.data(metricsText(facts, findings));
  else if (options.json) terminal.data(JSON.stringify({ findings, ...facts }, undefined, 2));
  else terminal.data(reportInWords(facts, findings));
  terminal.say(`doctor: ${summaryOf(findings)}`);
  return exitOf(facts, findings);
}

function exitOf({ server }: Facts, findings: readonly Finding[]): ExitCode {
  if (server.is === 'broken' && server.problem.exitCode !== EXIT.failed) return server.problem.exitCode;
  return findings.some(({ severity }) => severity === 'trouble') ? EXIT.failed : EXIT.ok;
}
