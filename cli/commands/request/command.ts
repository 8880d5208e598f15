/** `topcalls-webhooks request`: what was sent for one webhook: host, headers, body, and a command that sends it. */
import { Command } from 'commander';
import { readCount } from '../../process/option-readers.ts';
import type { Terminal } from '../../process/terminal.ts';
import type { RequestCommandOptions } from './run.ts';

const HELP = `
Reads the run's history, so it works without a worker, while the run goes on and after its end, until the namespace's
retention removes it. It never shows a signature or a secret: they are kept nowhere. It shows the body only with --body
or --output, and the path and query of a URL only with --show-url: the first is personal data, the second may be a key.

<id> is what "status" takes: a call id, a workflow id, a run id, a webhook id (msg_…), or an address of the Web UI.

Examples:
  $ topcalls-webhooks request call-1                        host, headers, size and hash, a curl command
  $ topcalls-webhooks request call-1 --body | jq .          the bytes of the body, and nothing else
  $ topcalls-webhooks request call-1 --output body.json     the same into a file that only you can read
  $ topcalls-webhooks request call-1 --cycle 1              before the redeliveries
  $ topcalls-webhooks request msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a --show-url --json

Exit codes: 0 done, 1 not found, not readable or no body yet, 2 wrong arguments or environment, 3 no Temporal server.`;

/** The command; `ended` gets its exit code. */
export function requestCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('request')
    .description('show what was sent: host, headers, body, and a curl command')
    .argument('<id>', 'call id, workflow id, run id, msg_…, or an address of the Web UI')
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--show-url', 'show the whole URL, not only its host', false)
    .option('--body', 'print only the body, byte for byte; with --json, add it', false)
    .option('--output <file>', 'write the body to this file')
    .option('--endpoint <id or url>', 'only this endpoint: ep_…, or its whole URL, which stays on this machine')
    .option('--run <run id>', 'an earlier run (default: the latest)')
    .option('--cycle <count>', 'an earlier run by its cycle: 1 is the first, each redelivery adds 1', readCount)
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', HELP)
    .action(async (id: string, options: RequestCommandOptions) => {
      const { runRequest } = await import('./run.ts');
      ended(await runRequest(id, options, terminal));
    });
}
