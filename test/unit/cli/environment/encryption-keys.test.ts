import { describe, expect, it, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEncryptionKeys } from '../../../../cli/environment/encryption-keys.ts';
import { EnvError } from '../../../../cli/environment/env-error.ts';
import { generateKeyCommand } from '../../../../cli/commands/generate-key/command.ts';
import type { Env } from '../../../../temporal-server/env.ts';
import { generateEncryptionKey } from '../../../../codec/index.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

const KEY = generateEncryptionKey();
const GOOD = { activeKeyId: 'k1', keys: { k1: KEY } };

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'topcalls-keys-')), 'keys.json');
  writeFileSync(path, text);
  return path;
}

function problem(env: Env): string {
  try {
    readEncryptionKeys(env);
  } catch (error) {
    if (error instanceof EnvError) return error.message;
    throw error;
  }
  return 'none';
}

test('keys come from the variable or from the file, and none is none', () => {
  expect(readEncryptionKeys({})).toBeUndefined();
  expect(readEncryptionKeys({ TOPCALLS_ENCRYPTION_KEYS: '', TOPCALLS_ENCRYPTION_KEYS_FILE: '' })).toBeUndefined();
  const inline = readEncryptionKeys({ TOPCALLS_ENCRYPTION_KEYS: JSON.stringify({ ...GOOD, acceptPlain: true }) });
  expect(inline?.options).toEqual({ ...GOOD, acceptPlain: true });
  expect(readEncryptionKeys({ TOPCALLS_ENCRYPTION_KEYS_FILE: file(JSON.stringify(GOOD)) })?.options).toEqual(GOOD);
});

test('generate-key prints what can be read, another key each time', async () => {
  const { code, stdout } = await runInProcess(generateKeyCommand, ['--id', '2026-06']);
  expect(code).toBe(0);
  const read = readEncryptionKeys({ TOPCALLS_ENCRYPTION_KEYS_FILE: file(stdout) });
  expect(read?.options.activeKeyId).toBe('2026-06');
  expect((await runInProcess(generateKeyCommand, ['--id', '2026-06'])).stdout).not.toBe(stdout);
  expect((await runInProcess(generateKeyCommand, ['--id', 'a b'])).code).toBe(2);
});

describe('keys that cannot be used are told by name and never shown', () => {
  it.each([
    ['no JSON', `{ "keys": "${KEY}"`, 'not JSON'],
    ['another shape', JSON.stringify({ activeKeyId: 'k1', keys: [KEY] }), 'keys: invalid_type'],
    ['a mistyped field', JSON.stringify({ ...GOOD, acceptplain: true }), 'the document: unrecognized_keys'],
    [
      'no active key',
      JSON.stringify({ ...GOOD, activeKeyId: 'k2' }),
      'no key "k2", which activeKeyId names; there are "k1"',
    ],
    ['a key that is cut', JSON.stringify({ ...GOOD, keys: { k1: KEY.slice(2) } }), 'key "k1" must be 32 bytes'],
  ])('%s', (_what, text, words) => {
    for (const env of [{ TOPCALLS_ENCRYPTION_KEYS: text }, { TOPCALLS_ENCRYPTION_KEYS_FILE: file(text) }]) {
      expect(problem(env)).toContain(words);
      expect(problem(env)).toContain(Object.keys(env)[0]);
      expect(problem(env)).not.toContain(KEY.slice(2, 20));
    }
  });

  it('a file that is not there, both variables at once, and a mistyped name', () => {
    expect(problem({ TOPCALLS_ENCRYPTION_KEYS_FILE: '/nowhere/keys.json' })).toMatch(
      /"\/nowhere\/keys\.json" .*ENOENT/,
    );
    const both = { TOPCALLS_ENCRYPTION_KEYS: JSON.stringify(GOOD), TOPCALLS_ENCRYPTION_KEYS_FILE: '/k' };
    expect(problem(both)).toContain('TOPCALLS_ENCRYPTION_KEYS is set too');
    expect(problem({ TOPCALLS_ENCRYPTION_KEY: JSON.stringify(GOOD) })).toMatch(
      /TOPCALLS_ENCRYPTION_KEY: received a variable/,
    );
  });
});
