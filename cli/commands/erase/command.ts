/** `topcalls-webhooks erase`: deletes what this module keeps of calls, of a person who asks to be forgotten. */
import { Command } from 'commander';
import { readId, readSeconds } from '../../process/option-readers.ts';
import type { Terminal } from '../../process/terminal.ts';
import type { EraseOptions } from './run.ts';

const HELP = `
Deletes every run of these webhooks from Temporal, redeliveries and resets too, and their rows from the delivery log.
A webhook that still goes on is cancelled first, and deleted once the cancel was heard. Without --yes it only lists
what it would delete. It prints a receipt: ids, hosts and hashes, no personal data, and what it cannot reach. It is
safe to repeat: a second time there is nothing left. Needs no encryption keys; with them it also finds what only a run
tells. A workflow id with a hash in it (…~…) does not find log rows: name the call id. docs/erasure.md says what else to
do.

<id> is what "status" takes: a call id, a workflow id (campaign-webhook/<campaign_id>/<event>), a run id, a webhook id
(msg_…), or an address of the Web UI. Each means the whole webhook with all its runs. --account finds runs by the search
attribute WebhookAccountId, and rows by the account.

Examples:
  $ topcalls-webhooks erase call-1                 what would be deleted
  $ topcalls-webhooks erase call-1 --yes --json > receipt.json
  $ topcalls-webhooks erase --account acct-7 --yes

Exit codes: 0 done or nothing left, 1 something could not be deleted, 2 wrong arguments or environment, 3 no Temporal or
PostgreSQL server, 130 interrupted.`;

/** The command; `ended` gets its exit code. */
export function eraseCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('erase')
    .description('delete the runs and log rows of calls, or of an account')
    .argument('[ids...]', 'call ids, workflow ids, run ids, msg_…, or addresses of the Web UI')
    .option('--account <id>', 'everything of this account', readId)
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--url <url>', 'postgres://user:password@host:5432/database (default: TOPCALLS_DATABASE_URL, or none)')
    .option('--schema <name>', 'schema (default: TOPCALLS_DATABASE_SCHEMA, else topcalls_webhooks)')
    .option('--wait <seconds>', 'how long to wait for the end of a webhook that was cancelled', readSeconds, 60)
    .option('--yes', 'delete; without it nothing is changed', false)
    .option('--json', 'print the receipt as JSON', false)
    .addHelpText('after', HELP)
    .action(async (ids: readonly string[], options: EraseOptions) => {
      const { runErase } = await import('./run.ts');
      ended(await runErase(ids, options, terminal));
    });
}
