/** `topcalls-webhooks stats`: ended deliveries in numbers, from the delivery log. */
import { Command, Option } from 'commander';
import type { Terminal } from '../../process/terminal.ts';
import { withWindow } from '../window.ts';
import type { StatsOptions } from './run.ts';
import { STATS_KINDS } from './words.ts';

const HELP = `
Counts deliveries that ended in the window, from the delivery log. Worst first: what most was not delivered to. Hours
are of UTC, the latest first. Each state that occurs has its own count, and all of them add up. The share is of all that
ended, also of what was cancelled. A redelivery is a delivery of its own and counts again.

"attempts" are those that were sent: what our rules refused made none. "late" is the time from the promise to the first
attempt: half of them were at most p50 late, 99 of 100 at most p99. Runs of one webhook and cycle, as a reset makes
them, are late once: the earliest first attempt counts, if both runs left a record.

With --by reason, what was cancelled stands under "cancelled", also after failed attempts. A line has deliveries by
state, then how many webhooks they are: each redelivery that failed counts again. What is undelivered now is another
question: topcalls-webhooks redeliver --failed --dry-run.

Deliveries that still run are no part of it: topcalls-webhooks endpoints shows them. With --by reason those that have a
failed attempt stand below the reason of their last one, as retrying. Temporal is asked for that; up to 400 of them are
read, for 4 s at most. A terminated run is in the log only after topcalls-webhooks reconcile. Temporal is asked how
many deliveries of such runs the log lacks, and the last line tells it.

Examples:
  $ topcalls-webhooks stats                                 per hour, the last day
  $ topcalls-webhooks stats --by reason                     what failed, and why
  $ topcalls-webhooks stats --by account --since 7d
  $ topcalls-webhooks stats --by hour,account               each account's hours
  $ topcalls-webhooks stats --by endpoint --account acct_1 --json

Exit codes: 0 done, 1 failed, 2 wrong arguments or environment, 3 no PostgreSQL server.`;

/** The command; `ended` gets its exit code. */
export function statsCommand(terminal: Terminal, ended: (code: number) => void): Command {
  const command = new Command('stats')
    .description('deliveries, attempts and lateness in numbers: per account, endpoint, hour or reason')
    .addOption(new Option('--by <what>', 'one line for each').choices(STATS_KINDS).default('hour'))
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--endpoint <id or url>', 'only this endpoint: ep_…, or its whole URL, which stays on this machine');
  return withWindow(command, { of: 'lines, up to 10000', standard: 100 })
    .addHelpText('after', HELP)
    .action(async (options: StatsOptions) => ended(await (await import('./run.ts')).runStats(options, terminal)));
}
