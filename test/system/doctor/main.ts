/** `npm run doctor:faults`: does the doctor name what is broken, and nothing else? See the README beside this file. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { randomOf } from '../../support/random.ts';
import { runSystemCommand } from '../../support/system-command.ts';
import { playInFolder } from '../../support/system-run.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { findTemporalCli } from '../../support/temporal-server.ts';
import { playBareServer, playClock } from './bare.ts';
import { openInstallation } from './installation.ts';
import { planPlays, playFaults, type Played } from './play.ts';
import { playReadiness } from './readiness.ts';
import { playScrape } from './scrape.ts';

const HELP = `Usage: npm run doctor:faults -- [options]

Breaks an installation by seed, one fault or two at a time, and asks the doctor. It must name what is broken and nothing
else. Then everything is made whole, and it must say nothing. Its output is searched for canaries.

Options:
  --seed <n>    which faults, in which order (default: 1)
  --plays <n>   how many (default: 40; each takes some seconds)
  --readiness   also play /readyz: Temporal away for 30 s, a required port down, a worker that stops
  -h, --help    show this

Exit codes: 0 the doctor was right each time, 1 it was not, 2 wrong arguments, 130 interrupted.`;

void runSystemCommand({
  name: 'doctor:faults',
  help: HELP,
  numbers: { seed: 1, plays: 40 },
  flags: ['readiness'],
  play: async ({ seed, plays, readiness }, { terminal, progress }) => {
    const tidy = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    const played = await playInFolder({ name: 'doctor', say: progress, tidy }, (run) =>
      play(run, { seed, plays, readiness }),
    );
    if (played === undefined) return 130;
    const wrong = played.filter((each) => each.wrong.length > 0);
    for (const each of wrong) terminal.data(`${each.faults.join(' + ')}: ${each.wrong.join('; ')}`);
    terminal.say(`seed ${seed}: ${played.length} plays, ${played.length - wrong.length} right, ${wrong.length} wrong`);
    return wrong.length === 0 ? 0 : 1;
  },
});

async function play(
  run: SystemRun,
  { seed, plays, readiness }: { readonly seed: number; readonly plays: number; readonly readiness: boolean },
): Promise<Played[]> {
  const random = randomOf(seed);
  const binary = await findTemporalCli(run.say);
  const bundle = join(__dirname, '../../../dist/workflow-bundle.js');
  const played: Played[] = [];
  const note = (each: Played | undefined): void => {
    if (each === undefined) return;
    played.push(each);
    run.say(`${each.faults.join(' + ')}: ${each.wrong.length === 0 ? 'right' : `WRONG, ${each.wrong.join('; ')}`}`);
  };
  const whole = await openInstallation(run, { name: 'whole', binary, bundle });
  for (const names of planPlays(random, plays)) {
    if (run.signal.aborted) break;
    note(await playFaults(whole, names, random));
  }
  note(await playClock(run, whole, random));
  note(await playScrape(run, whole));
  if (readiness) for (const each of await playReadiness(run, whole)) note(each);
  const unfair = ['--dynamic-config-value', 'matching.enableFairness=false'];
  const bare = await openInstallation(run, { name: 'bare', binary, bundle, serverArgs: unfair });
  for (const each of await playBareServer(bare)) note(each);
  return played;
}
