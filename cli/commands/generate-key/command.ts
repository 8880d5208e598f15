/** `topcalls-webhooks generate-key`: makes an encryption key, as the document that worker and commands read. */
import { Command } from 'commander';
import { generateEncryptionKey } from '../../../codec/encryption-keys.ts';
import { EXIT, usageError } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';

const HELP = `
Prints { "activeKeyId": …, "keys": { … } } to stdout, for TOPCALLS_ENCRYPTION_KEYS_FILE. Keep it where you keep secrets:
with it every run can be read, and without it no run can. To rotate, see docs/encryption.md.

Examples:
  $ (umask 077; topcalls-webhooks generate-key > encryption-keys.json)
  $ topcalls-webhooks generate-key --id 2026-06

Exit codes: 0 done, 2 wrong arguments.`;

/** The command; `ended` gets its exit code. */
export function generateKeyCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('generate-key')
    .description('make an encryption key')
    .option('--id <id>', 'its id, which stands unencrypted beside every payload', 'k1')
    .addHelpText('after', HELP)
    .action(({ id }: { readonly id: string }) => {
      if (!/^[A-Za-z0-9._:-]{1,64}$/.test(id)) {
        throw usageError('--id must be 1 to 64 characters out of A-Z a-z 0-9 . _ : -');
      }
      terminal.data(JSON.stringify({ activeKeyId: id, keys: { [id]: generateEncryptionKey() } }, undefined, 2));
      ended(EXIT.ok);
    });
}
