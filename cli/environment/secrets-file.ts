/**
 * The file that TOPCALLS_SECRETS_FILE names: signing secrets as JSON, read once at the worker's start. Its form is
 * that of
 * `StaticSecrets`: `{ "acct_1": "whsec_…", "acct_2": { "current": "whsec_…", "previous": ["whsec_…"] } }`.
 */
import { readFileSync } from 'node:fs';
import { StaticSecrets, StaticSecretsError } from '../../adapters/static-secrets.ts';
import type { StaticSecretsRecord } from '../../adapters/static-secrets.ts';
import { VARIABLE_WORDS } from './worker-variables.ts';
import { EnvError } from './env-error.ts';

/** Reads and checks the file. Throws EnvError with the variable, the path and what is wrong, never with a secret. */
export function readSecretsFile(path: string): StaticSecrets {
  const refuse = (problem: string, fix: string): never => {
    const { allowed } = VARIABLE_WORDS.TOPCALLS_SECRETS_FILE;
    throw new EnvError([
      { variable: 'TOPCALLS_SECRETS_FILE', received: `${JSON.stringify(path)} (${problem})`, allowed, fix },
    ]);
  };
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    refuse(`cannot be read: ${(error as { code?: string }).code ?? 'unknown'}`, 'correct the path or its permissions');
  }
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    // Without cause and parser message: both quote the text, which is secrets.
    refuse('not JSON', 'fix the file');
  }
  try {
    return new StaticSecrets(record as StaticSecretsRecord);
  } catch (error) {
    if (error instanceof StaticSecretsError) refuse(error.message, 'fix the file');
    throw error;
  }
}
