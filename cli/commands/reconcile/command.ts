/** `topcalls-webhooks reconcile`: records what closed runs left unrecorded. */
import { Command } from 'commander';
import type { Terminal } from '../../process/terminal.ts';
import { readMoment } from '../../process/time-span.ts';
import type { ReconcileCommandOptions } from './run.ts';

const HELP = `
A run that was terminated or reset in the Web UI no longer records its deliveries. A worker without a delivery log
(TOPCALLS_DATABASE_URL=none) records none at all. This command looks at every closed run, reads the histories of those
that the log lacks, and records their deliveries: with the final state, or as terminated. It is safe to repeat. Run it
after every Terminate, or daily, within the namespace's retention. A run that cannot be read is one line.
A run that cannot be decoded, for want of a key or codec, also gives exit code 1. A run that is not ours does not.

Examples:
  $ topcalls-webhooks reconcile --since 2d --dry-run
  $ topcalls-webhooks reconcile --since 2d

Exit codes: 0 done, 1 failed, also for one run only, 2 wrong arguments or environment, 3 no Temporal or PostgreSQL
server, 130 interrupted.`;

/** The command; `ended` gets its exit code. */
export function reconcileCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('reconcile')
    .description('record what closed runs left unrecorded')
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--url <url>', 'postgres://user:password@host:5432/database (default: TOPCALLS_DATABASE_URL)')
    .option('--schema <name>', 'schema (default: TOPCALLS_DATABASE_SCHEMA, else topcalls_webhooks)')
    .option('--since <time>', 'ended since: 12h, 1d, or 2026-06-01', readMoment)
    .option('--until <time>', 'ended before', readMoment)
    .option('--dry-run', 'list what is missing and write nothing', false)
    .option('--json', 'print the outcome as JSON', false)
    .addHelpText('after', HELP)
    .action(async (options: ReconcileCommandOptions) => {
      const { runReconcile } = await import('./run.ts');
      ended(await runReconcile(options, terminal));
    });
}
