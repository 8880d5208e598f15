/** `topcalls-webhooks status`: where one webhook stands, what failed, why, and what happens next. */
import { Command } from 'commander';
import type { Terminal } from '../../process/terminal.ts';
import type { StatusOptions } from './run.ts';

const HELP = `
Reads from the server, so it works without a worker, and after the end until the namespace's retention removes the run.
For older webhooks read the delivery log: topcalls-webhooks db list --call <call_id>.

<id> is a call id, or what you have at hand: a workflow id, a run id, a webhook id (msg_…), or a whole address of the
Web UI. A webhook id is looked for in the delivery log, if one is configured, then in the latest 1,000 runs. If some of
them could not be read, it says how many.

--earlier has up to 10 earlier runs, as far as Temporal still has them, also what still runs or was terminated. The log
has what ended: topcalls-webhooks db show <webhook-id>.

Examples:
  $ topcalls-webhooks status call-1
  $ topcalls-webhooks status call-1 --earlier             all attempts, over all redeliveries
  $ topcalls-webhooks status msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a
  $ topcalls-webhooks status 'https://temporal.example.com/namespaces/prod/workflows/call-webhook%2Fcall-1'
  $ topcalls-webhooks status campaign-webhook/camp-7/campaign.completed --json
  $ topcalls-webhooks status call-1 --html > call-1.html

Exit codes: 0 done, 1 not found or not readable, 2 wrong arguments or environment, 3 no Temporal server.`;

/** The command; `ended` gets its exit code. */
export function statusCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('status')
    .description('show where a webhook stands, with every attempt')
    .argument('<id>', 'call id, workflow id, run id, msg_…, or an address of the Web UI')
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--earlier', 'also what the earlier runs did: all attempts, over all redeliveries and resets', false)
    .option('--json', 'print the status as JSON', false)
    .option('--html', 'print one static page with the timeline of every delivery', false)
    .addHelpText('after', HELP)
    .action(async (id: string, options: StatusOptions) => {
      const { runStatus } = await import('./run.ts');
      ended(await runStatus(id, options, terminal));
    });
}
