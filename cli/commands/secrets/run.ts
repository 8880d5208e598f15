/** Runs `secrets`. Never shows a secret. */
import { looksLikeSecret } from '../../../contract/secret-reference.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { filled } from '../../../temporal-server/env.ts';
import { SecretsFile, type ReferenceSummary } from '../../environment/secrets-file.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { counted } from '../../process/counted.ts';
import { tabbed } from '../../process/tabbed.ts';
import type { Terminal } from '../../process/terminal.ts';

/** Options of `secrets`. */
export type SecretsOptions = { readonly json: boolean };

/** Prints what the file holds. Throws CliError, and EnvError for a file that cannot be used. */
export function runSecrets(asked: readonly string[], { json }: SecretsOptions, terminal: Terminal): ExitCode {
  const path = filled(terminal.env['TOPCALLS_SECRETS_FILE']);
  if (path === undefined) {
    const fix = 'set it to the file of the workers. A worker of yours with a store of its own has none';
    throw new CliError('no_secrets_file', EXIT.usage, `TOPCALLS_SECRETS_FILE is not set: ${fix}`);
  }
  const file = new SecretsFile(path);
  const all = file.summary();
  const unknown = asked.filter((reference) => all.every((each) => each.reference !== reference));
  if (unknown.length > 0) {
    const names = unknown.map(nameShown).join(', ');
    throw new CliError('not_found', EXIT.failed, `the file has ${counted(all.length, 'reference')}, and not ${names}`);
  }
  const shown = all.filter(({ reference }) => asked.length === 0 || asked.includes(reference));
  if (json) terminal.data(JSON.stringify({ path, file: file.fingerprint, references: shown }, undefined, 2));
  else if (shown.length > 0) terminal.data(shown.map(lineOf).join('\n'));
  terminal.say(fileInWords(path, all.length, file.fingerprint));
  return EXIT.ok;
}

/** Who asks for a secret in place of its reference must not find it in the output of a job. */
function nameShown(name: string): string {
  return looksLikeSecret(name) ? 'a text that looks like a secret' : JSON.stringify(oneLine(name));
}

function lineOf({ reference, current, previous }: ReferenceSummary): string {
  const older = previous.map((each) => `previous ${each ?? NO_FINGERPRINT}`);
  return tabbed(reference, `current ${current ?? NO_FINGERPRINT}`, ...older);
}

const NO_FINGERPRINT = '(no fingerprint: it is not whsec_ and the base64 of 24 to 64 bytes)';

function fileInWords(path: string, count: number, fingerprint: string | undefined): string {
  const what = `${counted(count, 'reference')} in ${path}`;
  if (fingerprint === undefined) return `${what}; the file has no fingerprint, because all its secrets may be guessed`;
  const lines = 'the last worker.secrets_loaded or worker.secrets_reloaded of every worker must have it';
  return `${what}, file ${fingerprint}: ${lines}`;
}
