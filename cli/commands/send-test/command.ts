/** `topcalls-webhooks send-test`: sends one signed webhook without Temporal, for the author of a receiver. */
import { Command, Option } from 'commander';
import { EVENT_NAMES } from '../../../contract/event-types.ts';
import { readCount } from '../../process/option-readers.ts';
import type { Terminal } from '../../process/terminal.ts';
import type { SendTestOptions } from './run.ts';

const HELP = `
Sends the published sample of the event (or your --body), signed with the secret in WEBHOOK_SECRET, exactly as the real
sender does, and says how the sender would judge the answer. It also reaches this machine. Nothing is retried.

Examples:
  $ export WEBHOOK_SECRET=whsec_…
  $ export RECEIVER=http://localhost:3000/webhooks/call-complete
  $ topcalls-webhooks send-test $RECEIVER
  $ topcalls-webhooks send-test $RECEIVER --event call.failed --repeat 2    same id twice
  $ topcalls-webhooks send-test $RECEIVER --tamper                          must not be accepted

Exit codes: 0 every answer was a 2xx (with --tamper: a 400, 401 or 403), 1 not, 2 wrong arguments or environment.`;

/** The command; `ended` gets its exit code. */
export function sendTestCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('send-test')
    .description('send a signed sample to a receiver, without Temporal')
    .argument('<url>', 'the receiver')
    .addOption(new Option('--event <name>', 'which sample').choices(EVENT_NAMES).default('call.completed'))
    .option('--body <file>', 'a body of your own instead of the sample, sent byte for byte')
    .option('--id <id>', 'webhook-id (default: a new one)')
    .option('--repeat <count>', 'send it this many times with one id: only the first may be processed', readCount, 1)
    .option('--tamper', 'change the body after signing', false)
    .option('--json', 'print the answers as JSON', false)
    .addHelpText('after', HELP)
    .action(async (url: string, options: SendTestOptions) => {
      const { runSendTest } = await import('./run.ts');
      ended(await runSendTest(url, options, terminal));
    });
}
