/** `topcalls-webhooks dev`: server, Web UI, worker and receiver, up until Ctrl-C. */
import { Command } from 'commander';
import type { Terminal } from '../process/terminal.ts';
import type { DevOptions } from './run.ts';

const HELP = `
Finds a Temporal server (TEMPORAL_ADDRESS, a profile, 127.0.0.1:7233) or starts one with its Web UI. Then it runs a
worker on the task queue topcalls-webhooks and a receiver, and prints a snippet that ends a call. Use it for development
only: its worker may reach 127.0.0.1, and recording, transcript and summary are samples.

Examples:
  $ topcalls-webhooks dev
  $ topcalls-webhooks dev --db-file ./temporal.db   runs survive a restart

Exit codes: 0 ended by Ctrl-C, 1 it could not start, 2 wrong arguments or environment, 3 no Temporal server.`;

/** The command; `ended` gets its exit code. */
export function devCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('dev')
    .description('run server, Web UI, worker and a receiver to play with, until Ctrl-C')
    .option('--db-file <path>', 'SQLite file of a server that is started here (default: in memory)')
    .addHelpText('after', HELP)
    .action(async (options: DevOptions) => {
      const { runDev } = await import('./run.ts');
      ended(await runDev(options, terminal));
    });
}
