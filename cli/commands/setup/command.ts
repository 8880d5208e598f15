/** `topcalls-webhooks setup`: adds our search attributes to a namespace. Run once; safe to repeat. */
import { Command } from 'commander';
import type { Terminal } from '../../process/terminal.ts';
import type { SetupOptions } from './run.ts';

const HELP = `
Lists the namespace's search attributes, compares them with ours, and adds the missing ones. The server is the one of
TEMPORAL_ADDRESS or the Temporal profile, else 127.0.0.1:7233. If one of our attributes exists with another type, the
command names it, changes nothing, and exits with 1. On Temporal Cloud add them in its UI, or with tcld; --dry-run lists
them.

Examples:
  $ topcalls-webhooks setup
  $ topcalls-webhooks setup --namespace production --dry-run
  $ topcalls-webhooks setup --json | jq .added`;

/** The command; `ended` gets its exit code. */
export function setupCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('setup')
    .description('add the search attributes to a namespace')
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--dry-run', 'list what would be added and change nothing', false)
    .option('--json', 'print the outcome as JSON', false)
    .addHelpText('after', HELP)
    .action(async (options: SetupOptions) => {
      const { runSetup } = await import('./run.ts');
      ended(await runSetup(options, terminal));
    });
}
