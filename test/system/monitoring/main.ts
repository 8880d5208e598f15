/**
 * `npm run monitoring`: the alerts and the dashboard against a real Prometheus, real workers and a real server, while
 * faults are played. Needs Debian's `prometheus` package.
 */
import { plainTable } from '../../../cli/process/plain-table.ts';
import { runSystemCommand } from '../../support/system-command.ts';
import { FAULTS } from './faults.ts';
import { runMonitoring } from './run.ts';

const HELP = `Usage: npm run monitoring -- [options]

Runs promtool against deploy/prometheus/alerts.yml. Then it starts PostgreSQL, Temporal, a stand-alone and an embedded
worker, the doctor and Prometheus, lets healthy calls end, and plays one fault after the other. Each must fire its own
alert within the minutes that alerts.yml promises, and no other. At the end every query of the dashboard must have
data. All times are made shorter by a factor. Needs \`prometheus\` and \`promtool\` (apt-get install prometheus).

Options:
  --seed <n>     the order of the faults, and what they hit (default: 1)
  --factor <n>   how many times shorter every time is (default: 10)
  --healthy <n>  minutes of healthy calls, before they are made shorter (default: 60)
  --faults <n>   how many faults (default: ${FAULTS.length}, all of them)
  --first <n>    begin with the n-th fault of the seed's order (default: 1)
  --rules        only promtool
  --json         print the outcomes as JSON instead of a table
  --keep         keep the folder, with the logs
  -h, --help     show this

Exit codes: 0 everything holds, 1 something does not, or a part did not come up, 2 wrong arguments, 130 interrupted.

Examples:
  $ npm run monitoring
  $ npm run --silent monitoring -- --seed 7 --json`;

void runSystemCommand({
  name: 'monitoring',
  help: HELP,
  numbers: { seed: 1, factor: 10, healthy: 60, faults: FAULTS.length, first: 1 },
  flags: ['rules', 'json', 'keep'],
  play: async ({ json, ...options }, { terminal, progress }) => {
    const outcomes = await runMonitoring(options, progress);
    if (outcomes === undefined) return 130;
    const rows = outcomes.map(({ what, ok, seen, seconds = '' }) => [what, ok ? 'holds' : 'FAILS', seen, seconds]);
    terminal.data(
      json ? JSON.stringify(outcomes, undefined, 2) : plainTable(['what', '', 'seen', 's of its time'], rows),
    );
    return outcomes.every(({ ok }) => ok) ? 0 : 1;
  },
});
