/**
 * `npm run soak`: calls end and are delivered while a nemesis, drawn from a seed, kills, stops and cuts off every
 * part. Then the checker reads logs that separate processes wrote, and says whether every promise held. The README
 * beside this file has more.
 */
import { plainTable } from '../../../cli/process/plain-table.ts';
import type { Terminal } from '../../../cli/process/terminal.ts';
import { runSystemCommand } from '../../support/system-command.ts';
import type { Checked } from './counts.ts';
import { runSoak } from './run.ts';

const HELP = `Usage: npm run soak -- [options]

Ends calls, and does to them what operators do. Meanwhile workers are killed, stopped and cut off, Temporal's server
crashes and PostgreSQL goes away, by a plan that follows from the seed. Then everything is healed and every run comes to
its end. A checker compares what was asked (ops), what receivers saw (receiver) and what was recorded (final). The logs
stay.

Options:
  --seed <n>     which faults, and when (default: 1). Workers stand still for longer than an attempt may take with odd
                 seeds only: that excuses POSTs out of order, which even ones do not have
  --minutes <n>  how long faults go on (default: 3; about two minutes more for the rest)
  --calls <n>    how many calls end in that time (default: 120)
  --skew         one worker's clock is 10 minutes ahead, another's 10 minutes behind (needs libfaketime)
  --json         print the outcome as JSON
  -h, --help     show this

Exit codes: 0 every count is 0, 1 one is not, or a part did not come up, 2 wrong arguments, 130 interrupted.

Examples:
  $ npm run soak -- --seed 7
  $ npm run --silent soak -- --seed 7 --minutes 10 --calls 500 --json | jq .counts`;

void runSystemCommand({
  name: 'soak',
  help: HELP,
  numbers: { seed: 1, minutes: 3, calls: 120 },
  flags: ['skew', 'json'],
  play: async (options, { terminal, progress }) => {
    const { seed, minutes, calls, skew, json } = options;
    const outcome = await runSoak(options, progress);
    if (outcome === undefined) return 130;
    if (json) terminal.data(JSON.stringify({ ...options, ...outcome }, undefined, 2));
    else show(outcome, terminal);
    terminal.say(`logs: ${outcome.folder}/{ops,receiver,faults,final}.jsonl`);
    if (outcome.violations.length === 0) return 0;
    const again = `npm run soak -- --seed ${seed} --minutes ${minutes} --calls ${calls}${skew ? ' --skew' : ''}`;
    terminal.say(`${terminal.colors.red('a promise was broken')}; again: ${again}`);
    return 1;
  },
});

function show({ counts, numbers, violations }: Checked, terminal: Terminal): void {
  terminal.data(plainTable(['must be 0', ''], Object.entries(counts)));
  const seen = Object.entries(numbers).flatMap(([name, value]) =>
    inLines(value).map((line, index) => [index === 0 ? name : '', line]),
  );
  terminal.data(plainTable(['seen', ''], seen));
  for (const { count, what } of violations) terminal.data(`${count}: ${what}`);
}

/** A number as it is, counts by name in lines that a terminal can show. */
function inLines(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  const lines: string[] = [];
  for (const [name, count] of Object.entries(value)) {
    const entry = `${name} ${count}`;
    const line = lines.at(-1);
    if (line === undefined || line.length + entry.length > 55) lines.push(entry);
    else lines[lines.length - 1] = `${line}, ${entry}`;
  }
  return lines;
}
