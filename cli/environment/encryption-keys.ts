/**
 * TOPCALLS_ENCRYPTION_KEYS and TOPCALLS_ENCRYPTION_KEYS_FILE: the keys of the worker, of every command that reads runs,
 * and of the codec server. One JSON document:
 * `{ "activeKeyId": "k2", "keys": { "k1": "…", "k2": "…" }, "acceptPlain": true }`.
 */
import { readFileSync } from 'node:fs';
import type { DataConverter } from '@temporalio/common';
import * as z from 'zod';
import { encryptedDataConverter, EncryptionConfigError, type EncryptionOptions } from '../../codec/index.ts';
import { given } from '../../contract/given.ts';
import { VARIABLE_WORDS } from './worker-variables.ts';
import { EnvError } from './env-error.ts';
import { refuseUnknownVariables } from './known-variables.ts';
import { type Env, filled } from '../../temporal-server/env.ts';

/** Checked keys, and the data converter they make. */
export type EncryptionEnv = { readonly options: EncryptionOptions; readonly dataConverter: DataConverter };

const INLINE = 'TOPCALLS_ENCRYPTION_KEYS';
const FILE = 'TOPCALLS_ENCRYPTION_KEYS_FILE';
type Variable = typeof INLINE | typeof FILE;

// Strict: otherwise "acceptplain" or "keyz" would be ignored in silence.
const documentSchema = z.strictObject({
  activeKeyId: z.string(),
  keys: z.record(z.string(), z.string()),
  acceptPlain: z.boolean().optional(),
});

/** Reads and checks the keys; undefined when no keys are configured. Throws EnvError with the variable and what is
 *  wrong, never with a key. */
export function readEncryptionKeys(env: Env): EncryptionEnv | undefined {
  // Under a mistyped name everything would be sent in the clear, in silence.
  refuseUnknownVariables(env);
  const [inline, file] = [filled(env[INLINE]), filled(env[FILE])];
  if (inline !== undefined && file !== undefined) throw problem(FILE, file, `${INLINE} is set too`, 'set one of them');
  if (inline === undefined && file === undefined) return undefined;
  const variable = file === undefined ? INLINE : FILE;
  return readDocument(variable, file, file === undefined ? (inline ?? '') : readKeysFile(file));
}

function readKeysFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = `cannot be read: ${(error as { code?: string }).code ?? 'unknown'}`;
    throw problem(FILE, path, reason, 'correct the path or its permissions');
  }
}

function readDocument(variable: Variable, path: string | undefined, text: string): EncryptionEnv {
  const refuse = (reason: string): EnvError => problem(variable, path, reason, VARIABLE_WORDS[INLINE].fix);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Without cause and parser message: both quote the text, which is keys.
    throw refuse('not JSON');
  }
  const parsed = documentSchema.safeParse(json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(
      ({ path: at, code }) => `${at.slice(0, 1).join('') || 'the document'}: ${code}`,
    );
    throw refuse([...new Set(fields)].join(', '));
  }
  const { acceptPlain, ...keys } = parsed.data;
  const options: EncryptionOptions = { ...keys, ...given({ acceptPlain }) };
  try {
    return { options, dataConverter: encryptedDataConverter(options) };
  } catch (error) {
    if (error instanceof EncryptionConfigError) throw refuse(error.message);
    throw error;
  }
}

function problem(variable: Variable, path: string | undefined, reason: string, fix: string): EnvError {
  const received = `${path === undefined ? 'a value that is not shown here' : JSON.stringify(path)} (${reason})`;
  return new EnvError([{ variable, received, allowed: VARIABLE_WORDS[INLINE].allowed, fix }]);
}
