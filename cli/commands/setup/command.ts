/** `topcalls-webhooks setup`: adds our search attributes to a namespace, and Schedules for the routine. Safe to
 *  repeat. */
import { Command } from 'commander';
import type { Terminal } from '../../process/terminal.ts';
import { readSpanMs } from '../../process/time-span.ts';
import type { SetupOptions } from './run.ts';

const HELP = `
Lists the namespace's search attributes, compares them with ours, and adds the missing ones. The server is the one of
TEMPORAL_ADDRESS or the Temporal profile, else 127.0.0.1:7233. If one of our attributes exists with another type, the
command names it, changes nothing, and exits with 1. On Temporal Cloud add them in its UI, or with tcld; --dry-run lists
them.

With --maintenance it also makes two Schedules, which the Web UI shows: one reconciles the delivery log, one deletes old
records from it. The stand-alone worker of the task queue does the work. Running it again changes what differs.
--remove-maintenance removes them. Workers that encrypt need the same TOPCALLS_ENCRYPTION_KEYS here.

Examples:
  $ topcalls-webhooks setup
  $ topcalls-webhooks setup --namespace production --dry-run
  $ topcalls-webhooks setup --maintenance --reconcile-every 30m --prune-older-than 90d
  $ topcalls-webhooks setup --remove-maintenance
  $ topcalls-webhooks setup --json | jq .added

Exit codes: 0 done or nothing to do, 1 refused or failed, 2 wrong arguments or environment, 3 no Temporal server.`;

/** The command; `ended` gets its exit code. */
export function setupCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('setup')
    .description('add the search attributes to a namespace, and Schedules for the routine')
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--maintenance', 'make Schedules that reconcile and prune the delivery log', false)
    .option('--remove-maintenance', 'remove those Schedules', false)
    .option(
      '--task-queue <name>',
      'task queue of the worker that does it (default: TOPCALLS_TASK_QUEUE, else the usual)',
    )
    .option('--reconcile-every <span>', 'how often (default: 1h)', readSpanMs)
    .option('--reconcile-since <span>', 'looks at runs that ended within this span (default: 2d)', readSpanMs)
    .option('--prune-every <span>', 'how often (default: 1d)', readSpanMs)
    .option('--prune-older-than <span>', 'deletes records older than this, at least 1d (default: 400d)', readSpanMs)
    .option('--dry-run', 'list what would be added and change nothing', false)
    .option('--json', 'print the outcome as JSON', false)
    .addHelpText('after', HELP)
    .action(async (options: SetupOptions) => {
      const { runSetup } = await import('./run.ts');
      ended(await runSetup(options, terminal));
    });
}
