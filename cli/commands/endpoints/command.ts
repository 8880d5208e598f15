/** `topcalls-webhooks endpoints`: which receivers are well, which are not, and since when. */
import { Command } from 'commander';
import type { Terminal } from '../../process/terminal.ts';
import { withWindow } from '../window.ts';
import type { EndpointsOptions } from './run.ts';

const HELP = `
States, the worst first:
  failing         the last answer was a failure
  gone            the last answer was 410
  refused         our own rules forbid the last request: docs/errors.md has the code
  waiting_for_us  our own side cannot send: run doctor
  recovering      the last answer was a success, and deliveries that failed before wait for their next attempt
  untried         nothing has been answered yet
  healthy         the last answer was a success, and nothing waits

"wait" is for a next attempt, "in flight or due" is one that goes now: that of a run that was read.

"since" is the first failure after the last success, also before the window. "at least since": earlier failures may
exist that were not read. "last answer" is of HTTP, at the end of its attempt; "last attempt" got no answer.

What ended comes from the delivery log, if one is named, else from Temporal's list; what runs comes from the list. Of
the waiting runs up to 400 are read, for codes and next attempts: a note says how many. It reads no other history, so
it takes seconds with 10,000 open runs.

Examples:
  $ topcalls-webhooks endpoints --unhealthy
  $ topcalls-webhooks endpoints --account acct_1 --since 7d
  $ topcalls-webhooks endpoints --unhealthy --json | jq -r '.endpoints[].endpointId'

Then: status of one webhook, report --endpoint ep_…, retry-now --retrying --endpoint ep_…, redeliver --failed --endpoint
ep_….

Exit codes: 0 done, 1 failed, 2 wrong arguments or environment, 3 no Temporal or PostgreSQL server.`;

/** The command; `ended` gets its exit code. */
export function endpointsCommand(terminal: Terminal, ended: (code: number) => void): Command {
  const command = new Command('endpoints')
    .description('the health of every endpoint: failing since when, last answer, what waits')
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--unhealthy', 'only those where something is to be done', false);
  return withWindow(command, { of: 'endpoints', standard: 100 })
    .addHelpText('after', HELP)
    .action(async (options: EndpointsOptions) =>
      ended(await (await import('./run.ts')).runEndpoints(options, terminal)),
    );
}
