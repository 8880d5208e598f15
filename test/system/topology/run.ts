/** Plays the topology from empty folder to checks, and takes everything down again. */
import { rmSync } from 'node:fs';
import { playInFolder } from '../../support/system-run.ts';
import type { SystemRun } from '../../support/system-run.ts';
import type { Check } from './checks.ts';
import { playControl } from './control.ts';
import { openInstallation } from './installation.ts';
import type { Installation } from './installation.ts';
import { playMainJob } from './main-job.ts';
import type { MainJobNumbers } from './main-job.ts';

export type TopologyOutcome = MainJobNumbers & {
  readonly versions: Installation['versions'];
  readonly checks: readonly Check[];
};

type Shown = { readonly say: (line: string) => void; readonly live: (line: string) => void };

/** Resolves with numbers, checks and versions; undefined after Ctrl-C. Rejects where a part does not come up. */
export function runTopology(
  { calls, keep }: { readonly calls: number; readonly keep: boolean },
  shown: Shown,
): Promise<TopologyOutcome | undefined> {
  const tidy = (folder: string): void => {
    if (keep) shown.say(`kept: ${folder} (logs, and the PostgreSQL cluster)`);
    else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  return playInFolder({ name: 'topology', say: shown.say, tidy }, (run) => play(run, calls, shown));
}

async function play(run: SystemRun, calls: number, shown: Shown): Promise<TopologyOutcome> {
  const installation = await openInstallation(run);
  const { numbers, checks } = await playMainJob(installation, calls, shown);
  shown.say('an operator: retryNow, redeliver, cancel');
  const control = await playControl(installation);
  const exitCode = await installation.worker.end('SIGTERM');
  const [first, second] = installation.setups;
  return {
    ...numbers,
    versions: installation.versions,
    checks: [
      { what: 'setup adds the search attributes', ok: first.startsWith('added 5'), seen: first },
      { what: 'setup again has nothing to do', ok: second.startsWith('nothing to do'), seen: second },
      ...checks,
      ...control,
      { what: 'the worker ends by itself after SIGTERM', ok: exitCode === 0, seen: `exit code ${exitCode}` },
    ],
  };
}
