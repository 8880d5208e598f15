/** Plays the topology from empty folder to checks, and takes everything down again. Loaded by main.mjs, which needs no build. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from './built.mjs';
import { playControl } from './control.mjs';
import { playMainJob } from './main-job.mjs';
import { stopAll } from './processes.mjs';
import { openStage } from './stage.mjs';

const { catchInterrupts } = built('cli/interrupts');

/** Resolves with numbers, checks and versions; undefined after Ctrl-C. Rejects where a part does not come up. */
export async function runTopology({ calls, keep }, terminal) {
  const { signal, release } = catchInterrupts();
  const folder = mkdtempSync(join(tmpdir(), 'topcalls-topology-'));
  // PostgreSQL, as another user where we are root, has to get to its part of it; secrets have modes of their own.
  chmodSync(folder, 0o755);
  const interrupted = new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  try {
    return await Promise.race([play(folder, calls, terminal), interrupted]);
  } finally {
    await stopAll();
    if (keep) terminal.say(`kept: ${folder} (logs, and the PostgreSQL cluster)`);
    else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    release();
  }
}

async function play(folder, calls, terminal) {
  const stage = await openStage(folder, terminal.say);
  const { numbers, checks } = await playMainJob(stage, calls, terminal);
  terminal.say('an operator: retryNow, redeliver, cancel');
  const control = await playControl(stage);
  const exitCode = await stage.worker.stop();
  const [first, second] = stage.setups;
  const all = [
    ['setup adds the search attributes', first.startsWith('added 5'), first],
    ['setup again has nothing to do', second.startsWith('nothing to do'), second],
    ...checks,
    ...control,
    ['the worker ends by itself after SIGTERM', exitCode === 0, `exit code ${exitCode}`],
  ];
  return {
    ...numbers,
    versions: stage.versions,
    checks: all.map(([what, ok, seen]) => ({ what, ok, seen })),
  };
}
