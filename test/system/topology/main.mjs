/**
 * `npm run topology`: docker-compose.yml without Docker. PostgreSQL, a Temporal server with all its roles, `setup`, the worker
 * and a receiver, each a process of its own; then calls, and the question whether every one was delivered exactly once here.
 * Only `stage.mjs` differs from the containers, and says where.
 */
import { parseArgs } from 'node:util';
import { builtTerminal } from '../../../scripts/built-terminal.mjs';
import { built } from './built.mjs';

const HELP = `Usage: npm run topology -- [options]

Plays docker-compose.yml without Docker: PostgreSQL, Temporal server, setup and worker from the same commands and variables,
then ends calls and checks that each was delivered once, signed, recorded and closed as Completed; then retryNow, redeliver
and cancel. Nothing is left behind. The first run builds Temporal's server with Go (several minutes; kept in the cache folder).

Options:
  --calls <n>  how many calls end (default: 200)
  --json       print the outcome as JSON instead of tables
  --keep       keep the data folder, with the logs
  -h, --help   show this

Exit codes: 0 every check holds, 1 one does not, or a part did not come up, 2 wrong arguments, 130 interrupted.

Examples:
  $ npm run topology
  $ npm run --silent topology -- --calls 1000 --json | jq .seconds`;

async function main() {
  const options = readOptions();
  if (options === undefined) return 2;
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const opened = await builtTerminal('topology');
  if (opened === undefined) return 2;
  const { terminal, say } = opened;
  try {
    const { runTopology } = await import('./run.mjs');
    const outcome = await runTopology(options, { ...terminal, say });
    if (outcome === undefined) return 130;
    if (options.json) terminal.data(JSON.stringify(outcome, undefined, 2));
    else show(outcome, terminal);
    return outcome.checks.every(({ ok }) => ok) ? 0 : 1;
  } catch (error) {
    terminal.say(`${terminal.colors.red('error:')} ${error.message}`);
    return 1;
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        calls: { type: 'string', default: '200' },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (!/^[1-9]\d{0,4}$/.test(values.calls)) throw new Error(`--calls ${values.calls}: a whole number 1–99999`);
    return { ...values, calls: Number(values.calls) };
  } catch (error) {
    console.error(`error: ${error.message}\n(--help shows what is possible)`);
    return undefined;
  }
}

function show({ checks, versions, ...numbers }, { data, colors }) {
  const { plainTable } = built('cli/plain-table');
  const table = plainTable(['check', '', 'seen']);
  for (const { what, ok, seen } of checks) table.push([what, ok ? 'holds' : colors.red('FAILS'), seen]);
  data(table.toString());
  const totals = plainTable(Object.keys(numbers));
  totals.push(Object.values(numbers));
  data(totals.toString());
  data(`Temporal ${versions.temporal}, PostgreSQL ${versions.postgresql}, Node ${versions.node}`);
}

process.exitCode = await main();
// Like the CLI: native handles of an SDK connection that never came about would keep the process.
process.exit();
