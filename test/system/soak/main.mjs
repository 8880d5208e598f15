/**
 * `npm run soak`: calls end and are delivered while a nemesis, drawn from a seed, kills, stops and cuts off every part; then
 * the checker reads three logs written by separate processes and says whether every promise held. FAULTS of one run can be
 * asked for again by its seed; what the machine made of them differs.
 */
import { parseArgs } from 'node:util';
import { builtTerminal } from '../../../scripts/built-terminal.mjs';
import { built } from '../topology/built.mjs';

const HELP = `Usage: npm run soak -- [options]

Ends calls, and does to them what operators do, while workers are killed, stopped and cut off, Temporal's server crashes and
PostgreSQL goes away, by a plan that follows from the seed. Then everything is healed, every run comes to its end, and a
checker compares what was asked (ops), what receivers saw (receiver) and what was recorded (final). The logs stay.

Options:
  --seed <n>     which faults, and when (default: 1). Workers stand still for longer than an attempt may take with odd
                 seeds only: that excuses POSTs out of order, which even ones do not have
  --minutes <n>  how long faults go on (default: 3; about two minutes more for the rest)
  --calls <n>    how many calls end in that time (default: 120)
  --json         print the outcome as JSON
  -h, --help     show this

Exit codes: 0 every count is 0, 1 one is not, or a part did not come up, 2 wrong arguments, 130 interrupted.

Examples:
  $ npm run soak -- --seed 7
  $ npm run --silent soak -- --seed 7 --minutes 10 --calls 500 --json | jq .counts`;

async function main() {
  const options = readOptions();
  if (options === undefined) return 2;
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const opened = await builtTerminal('soak');
  if (opened === undefined) return 2;
  const { terminal, say } = opened;
  try {
    const { runSoak } = await import('./run.mjs');
    const outcome = await runSoak(options, { say });
    if (outcome === undefined) return 130;
    if (options.json) terminal.data(JSON.stringify({ ...options, ...outcome }, undefined, 2));
    else show(outcome, terminal);
    terminal.say(`logs: ${outcome.folder}/{ops,receiver,faults,final}.jsonl`);
    const isGreen = outcome.violations.length === 0;
    if (!isGreen) {
      const { seed, minutes, calls } = options;
      terminal.say(
        `${terminal.colors.red('a promise was broken')}; again: npm run soak -- --seed ${seed} --minutes ${minutes} --calls ${calls}`,
      );
    }
    return isGreen ? 0 : 1;
  } catch (error) {
    terminal.say(`${terminal.colors.red('error:')} ${error.stack ?? error.message} (seed ${options.seed})`);
    return 1;
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '3' },
        calls: { type: 'string', default: '120' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    for (const name of ['seed', 'minutes', 'calls']) {
      if (!/^[1-9]\d{0,6}$/.test(values[name])) throw new Error(`--${name} ${values[name]}: a whole number from 1`);
    }
    return { ...values, seed: Number(values.seed), minutes: Number(values.minutes), calls: Number(values.calls) };
  } catch (error) {
    console.error(`error: ${error.message}\n(--help shows what is possible)`);
    return undefined;
  }
}

function show({ counts, numbers, violations }, { data, colors }) {
  const { plainTable } = built('cli/plain-table');
  const table = plainTable(['must be 0', '']);
  for (const [name, count] of Object.entries(counts)) table.push([name, count === 0 ? '0' : colors.red(String(count))]);
  data(table.toString());
  const seen = plainTable(['seen', '']);
  for (const [name, value] of Object.entries(numbers))
    seen.push([name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
  data(seen.toString());
  for (const { count, what } of violations) data(`${colors.red(count)}: ${what}`);
}

process.exitCode = await main();
// Like the CLI: native handles of an SDK connection that never came about would keep the process.
process.exit();
