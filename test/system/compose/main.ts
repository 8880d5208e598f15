/**
 * `npm run compose`: docker-compose.yml with Docker. Everything comes up, calls end, workers are scaled and stopped, and
 * the profile `monitoring` watches.
 */
import { plainTable } from '../../../cli/process/plain-table.ts';
import { runSystemCommand } from '../../support/system-command.ts';
import { playCompose } from './run.ts';

const HELP = `Usage: npm run compose -- [options]

Brings docker-compose.yml up with Docker, ends calls with one worker and with three, stops the workers in the middle of a
POST, and starts the profile monitoring. Images that cannot be pulled are made here with the same tags, see
test/system/compose/stand-ins.ts; the output says which. Containers, volumes and the network go with the run. The images
stay: docker rmi. The first run builds programs with Go, which takes several minutes; they stay in the cache folder.

Options:
  --calls <n>  how many calls end, with one worker and again with three (default: 200)
  --built      take the image topcalls-webhooks that is there, instead of building it
  -h, --help   show this

Exit codes: 0 every check holds, 1 one does not, or a part did not come up, 2 wrong arguments, 130 interrupted.

Example:
  $ npm run compose -- --calls 50`;

void runSystemCommand({
  name: 'compose',
  help: HELP,
  numbers: { calls: 200 },
  flags: ['built'],
  usesBuild: false,
  play: async (options, { terminal, progress }) => {
    const checks = await playCompose(options, { say: progress, live: (line) => terminal.live(line) });
    if (checks === undefined) return 130;
    const rows = checks.map(({ what, ok, seen }) => [what, ok ? 'holds' : 'FAILS', seen]);
    terminal.data(plainTable(['check', '', 'seen'], rows));
    return checks.every(({ ok }) => ok) ? 0 : 1;
  },
});
