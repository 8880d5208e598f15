/** The exit code of `doctor`. Pure. */
import { EXIT, type ExitCode } from '../../process/exit.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

/** 3: no server answers, or not for everything. 2: server or database are named in a way that cannot be. 1: trouble.
 *  A warning is none. */
export function exitOf({ server, database }: Facts, findings: readonly Finding[]): ExitCode {
  if (server.is === 'broken' && server.problem.exitCode !== EXIT.failed) return server.problem.exitCode;
  if (database.is === 'broken' && database.problem.exitCode === EXIT.usage) return EXIT.usage;
  if (findings.some(({ code }) => code === 'server')) return EXIT.noServer;
  return findings.some(({ severity }) => severity === 'trouble') ? EXIT.failed : EXIT.ok;
}
