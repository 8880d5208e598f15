/**
 * `npm run topology`: docker-compose.yml without Docker. PostgreSQL, a Temporal server with all its roles, `setup`, the
 * worker and a receiver run, each as a process of its own. Then calls end, and each has to be delivered exactly once in
 * this undisturbed run. Only `installation.ts` differs from the containers, and says where.
 */
import { plainTable } from '../../../cli/process/plain-table.ts';
import type { Terminal } from '../../../cli/process/terminal.ts';
import { runSystemCommand } from '../../support/system-command.ts';
import { runTopology } from './run.ts';
import type { TopologyOutcome } from './run.ts';

const HELP = `Usage: npm run topology -- [options]

Plays docker-compose.yml without Docker: PostgreSQL, Temporal server, setup and worker from the same commands and
variables. Then ends calls and checks that each was delivered once, signed, recorded and closed as Completed; then
retryNow, redeliver and cancel. Nothing is left behind. The first run builds Temporal's server with Go, which takes
several minutes; it stays in the cache folder.

Options:
  --calls <n>  how many calls end (default: 200)
  --json       print the outcome as JSON instead of tables
  --keep       keep the data folder, with the logs
  -h, --help   show this

Exit codes: 0 every check holds, 1 one does not, or a part did not come up, 2 wrong arguments, 130 interrupted.

Examples:
  $ npm run topology
  $ npm run --silent topology -- --calls 1000 --json | jq .seconds`;

void runSystemCommand({
  name: 'topology',
  help: HELP,
  numbers: { calls: 200 },
  flags: ['json', 'keep'],
  play: async (options, { terminal, progress }) => {
    const outcome = await runTopology(options, { say: progress, live: (line) => terminal.live(line) });
    if (outcome === undefined) return 130;
    if (options.json) terminal.data(JSON.stringify(outcome, undefined, 2));
    else show(outcome, terminal);
    return outcome.checks.every(({ ok }) => ok) ? 0 : 1;
  },
});

function show({ checks, versions, ...numbers }: TopologyOutcome, terminal: Terminal): void {
  const rows = checks.map(({ what, ok, seen }) => [what, ok ? 'holds' : 'FAILS', seen]);
  terminal.data(plainTable(['check', '', 'seen'], rows));
  terminal.data(plainTable(Object.keys(numbers), [Object.values(numbers)]));
  terminal.data(`Temporal ${versions.temporal}, PostgreSQL ${versions.postgresql}, Node ${versions.node}`);
}
