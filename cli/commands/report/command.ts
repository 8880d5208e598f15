/** `topcalls-webhooks report`: what happened to the webhooks of a customer, to show them. */
import { Command } from 'commander';
import type { Terminal } from '../../process/terminal.ts';
import { withWindow } from '../window.ts';
import type { ReportOptions } from './run.ts';

const HELP = `
Lists the deliveries of an account or endpoint that ended in the window, and those that still run, each with its
attempts. What ended comes from the delivery log; if none is named, from the runs themselves, which Temporal keeps for
the namespace's retention. A terminated run that the log lacks is read, too. "late" is the time from the
promise to the first attempt.

A redelivery is a delivery of its own, and so is what a run made again after a reset. In the totals a webhook counts
once: as delivered if it ever was, else by its latest delivery. If --limit cuts the list, each delivery counts.

It may go to the customer: it has ids, hosts, states, times and codes. It has no URL, body, phone number or secret, and
does not name who cancelled.

--html is one page without script, to send or print. --csv has one line per attempt; a text that a spreadsheet would
compute gets an apostrophe before it.

Examples:
  $ topcalls-webhooks report --account acct_1 --since 7d
  $ topcalls-webhooks report --endpoint https://crm.example.com/hook --html > report.html
  $ topcalls-webhooks report --account acct_1 --csv > attempts.csv
  $ topcalls-webhooks report --account acct_1 --json | jq '.totals'

Exit codes: 0 done, 1 failed, 2 wrong arguments or environment, 3 no Temporal or PostgreSQL server.`;

/** The command; `ended` gets its exit code. */
export function reportCommand(terminal: Terminal, ended: (code: number) => void): Command {
  const command = new Command('report')
    .description('deliveries and attempts of an account or endpoint over a window')
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--endpoint <id or url>', 'this endpoint: ep_…, or its whole URL, which stays on this machine')
    .option('--csv', 'print one line per attempt, for a spreadsheet', false)
    .option('--html', 'print one static page with a timeline per delivery', false);
  return withWindow(command, { of: 'deliveries, up to 10000', standard: 500 })
    .addHelpText('after', HELP)
    .action(async (options: ReportOptions) => ended(await (await import('./run.ts')).runReport(options, terminal)));
}
