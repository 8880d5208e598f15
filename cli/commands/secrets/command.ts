/** `topcalls-webhooks secrets`: what the secrets file holds, without a secret. */
import { Command } from 'commander';
import type { Terminal } from '../../process/terminal.ts';
import type { SecretsOptions } from './run.ts';

const HELP = `
Reads TOPCALLS_SECRETS_FILE and tells, for each reference, how many secrets sign and a fingerprint of each: 8 hex digits
of a SHA-256. A secret of another form than whsec_ and the base64 of 24 to 64 bytes has none, because it might be
guessed. Whoever holds a secret gets the same fingerprint by:

  $ printf 'fingerprint:%s' "$SECRET" | sha256sum | cut -c1-8

The file has a fingerprint, too: sha256sum secrets.json | cut -c1-8. A worker logs it when it reads the file
(worker.secrets_loaded, and at a change worker.secrets_reloaded): so one sees whether every worker has this file.
docs/operate.md has the steps of a rotation.

Examples:
  $ topcalls-webhooks secrets
  $ topcalls-webhooks secrets acct_2 --json

Exit codes: 0 done, 1 the file has no such reference, 2 wrong arguments, no file, or one that cannot be used.`;

/** The command; `ended` gets its exit code. */
export function secretsCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('secrets')
    .description('what the secrets file holds, by fingerprints: to see a rotation through')
    .argument('[references...]', 'only these references')
    .option('--json', 'print the outcome as JSON', false)
    .addHelpText('after', HELP)
    .action(async (references: readonly string[], options: SecretsOptions) => {
      const { runSecrets } = await import('./run.ts');
      ended(runSecrets(references, options, terminal));
    });
}
