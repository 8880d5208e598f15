import { expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretsFile } from '../../../cli/environment/secrets-file.ts';

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'topcalls-secrets-')), 'secrets.json');
  writeFileSync(path, text);
  return path;
}

test('the secrets file gives the worker its secrets by reference', () => {
  const secrets = readSecretsFile(file('{ "acct_1": "s1", "acct_2": { "current": "new", "previous": ["old"] } }'));
  expect(secrets.forEndpoint('acct_1')).toEqual({ current: 's1', previous: [] });
  expect(secrets.forEndpoint('acct_2')).toEqual({ current: 'new', previous: ['old'] });
});

test('a secrets file that is not there is an error that names variable and path', () => {
  expect(() => readSecretsFile('/nowhere/secrets.json')).toThrow(
    /TOPCALLS_SECRETS_FILE: received "\/nowhere\/secrets.json" \(cannot be read: ENOENT\)/,
  );
});

test('a secrets file that is not JSON is an error that quotes none of it', () => {
  const path = file('{ "acct_1": very-secret }');
  expect(() => readSecretsFile(path)).toThrow(/not JSON/);
  expect(() => readSecretsFile(path)).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('very') }),
  );
});

test('a secrets file with an empty secret is an error that names the reference', () => {
  expect(() => readSecretsFile(file('{ "acct_1": "" }'))).toThrow(/"acct_1": the secret is empty/);
});
