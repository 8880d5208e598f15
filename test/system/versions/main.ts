/** `npm run versions`: two versions of the worker side by side, and many that are stopped in the middle. See the README
 *  beside it. */
import { plainTable } from '../../../cli/process/plain-table.ts';
import { runSystemCommand } from '../../support/system-command.ts';
import { playVersions } from './run.ts';

const HELP = `Usage: npm run versions -- [options]

Deploys an altered version of the worker beside the first one, on a real Temporal server, with the commands of
docs/upgrade.md. Then stops workers in the middle of their webhooks, and lets the next version take over. Looks at every
POST: whose bytes, how many attempts. Nothing is left behind.

Options:
  --rolls <n>  how many workers are stopped in the middle (default: 20)
  --json       print the outcome as JSON
  --keep       keep the folder with the logs
  -h, --help   show this

Exit codes: 0 every check holds, 1 one does not, 2 wrong arguments, 130 interrupted.`;

void runSystemCommand({
  name: 'versions',
  help: HELP,
  numbers: { rolls: 20 },
  flags: ['json', 'keep'],
  play: async ({ rolls, json, keep }, { terminal, progress }) => {
    const checks = await playVersions({ rolls, keep }, progress);
    if (checks === undefined) return 130;
    if (json) terminal.data(JSON.stringify(checks, undefined, 2));
    else
      terminal.data(
        plainTable(
          ['check', '', 'seen'],
          checks.map(({ what, ok, seen }) => [what, ok ? 'holds' : 'FAILS', seen]),
        ),
      );
    return checks.every(({ ok }) => ok) ? 0 : 1;
  },
});
