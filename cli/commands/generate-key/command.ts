/** `topcalls-webhooks generate-key`: a new encryption key, as the document the worker and the other commands read. */
import { Command } from 'commander';
import { generateEncryptionKey } from '../../../codec/encryption-keys.ts';
import { CliError, EXIT } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';

const HELP = `
Prints { "activeKeyId": …, "keys": { … } } to stdout, for TOPCALLS_ENCRYPTION_KEYS_FILE. Keep it where you keep secrets:
whoever has it reads every run, and without it nobody does. To rotate, see docs/encryption.md.

Examples:
  $ (umask 077; topcalls-webhooks generate-key > encryption-keys.json)
  $ topcalls-webhooks generate-key --id 2026-06`;

/** The command; `ended` is told its exit code. */
export function generateKeyCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('generate-key')
    .description('make an encryption key')
    .option('--id <id>', 'its id: stands unencrypted beside every payload', 'k1')
    .addHelpText('after', HELP)
    .action(({ id }: { readonly id: string }) => {
      if (!/^[A-Za-z0-9._:-]{1,64}$/.test(id)) {
        throw new CliError('bad_option', EXIT.usage, '--id must be 1 to 64 of A-Z a-z 0-9 . _ : -');
      }
      terminal.data(JSON.stringify({ activeKeyId: id, keys: { [id]: generateEncryptionKey() } }, undefined, 2));
      ended(EXIT.ok);
    });
}
