/**
 * `npm run image`: builds the Dockerfile's image and runs it as production would. It must be small, run without rights
 * on a read-only disk, and let an attempt end when it is stopped.
 */
import { plainTable } from '../../../cli/process/plain-table.ts';
import { runSystemCommand } from '../../support/system-command.ts';
import { playImage } from './run.ts';

const HELP = `Usage: npm run image -- [options]

Builds the image of the Dockerfile with Docker and runs it: size, health check, worker --check, user, read-only disk,
and docker stop in the middle of a POST. Base images that cannot be pulled are made here, with debootstrap and this
machine's node; the output says which. If no Docker daemon answers, one is started, and ends with this run.

Options:
  --keep       keep the image topcalls-webhooks:image-test
  -h, --help   show this

Exit codes: 0 every check holds, 1 one does not, or a part did not come up, 2 wrong arguments, 130 interrupted.

Example:
  $ npm run image`;

void runSystemCommand({
  name: 'image',
  help: HELP,
  numbers: {},
  flags: ['keep'],
  usesBuild: false,
  play: async ({ keep }, { terminal, progress }) => {
    const checks = await playImage({ keep }, progress);
    if (checks === undefined) return 130;
    terminal.data(
      plainTable(
        ['check', '', 'seen'],
        checks.map(({ what, ok, seen }) => [what, ok ? 'holds' : 'FAILS', seen]),
      ),
    );
    return checks.every(({ ok }) => ok) ? 0 : 1;
  },
});
