/** `secrets`: what the file holds by fingerprints, and never a secret. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { secretsCommand } from '../../../../cli/commands/secrets/command.ts';
import { secretFingerprint } from '../../../../signature/fingerprint.ts';
import { runInProcess, type CommandRun } from '../../../support/in-process-cli.ts';

const GOOD = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('76543210fedcba9876543210').toString('base64')}`;

function secrets(record: object | undefined, ...args: readonly string[]): Promise<CommandRun> {
  const path = join(mkdtempSync(join(tmpdir(), 'topcalls-secrets-')), 'secrets.json');
  if (record !== undefined) writeFileSync(path, JSON.stringify(record));
  return runInProcess(secretsCommand, args, { TOPCALLS_SECRETS_FILE: path });
}

const RECORD = { acct_1: 'hunter2', acct_2: { current: GOOD, previous: [OTHER] } };

test('each reference has its fingerprints, the newest first, and the file one of its own', async () => {
  const { code, stdout, stderr } = await secrets(RECORD);
  const [weak, good] = stdout.split('\n');
  expect(weak).toMatch(/^acct_1\tcurrent \(no fingerprint: /);
  expect(good).toBe(`acct_2\tcurrent ${secretFingerprint(GOOD)}\tprevious ${secretFingerprint(OTHER)}`);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^2 references in \S+, file [0-9a-f]{8}: the last worker/)]);
  const json = await secrets(RECORD, 'acct_2', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    file: expect.stringMatching(/^[0-9a-f]{8}$/),
    references: [{ reference: 'acct_2', current: secretFingerprint(GOOD), previous: [secretFingerprint(OTHER)] }],
  });
  for (const secret of ['hunter2', GOOD.slice(6, 20), OTHER.slice(6, 20)])
    expect([stdout, stderr, json.stdout, json.stderr].join()).not.toContain(secret);
});

test('the command of the help and of the runbook makes the same fingerprint', async () => {
  const help = (await runInProcess(secretsCommand, ['--help'], {})).stdout;
  const runbook = readFileSync('docs/operate.md', 'utf8');
  const [command = ''] = /printf 'finger[^\n`]+/.exec(runbook) ?? [];
  expect(help).toContain(`$ ${command}\n`);
  const made = execFileSync('/bin/sh', ['-c', command], { env: { PATH: process.env['PATH'], SECRET: GOOD } });
  expect(String(made).trim()).toBe(secretFingerprint(GOOD));
});

test('a secret where a reference belongs is in no output', async () => {
  const swapped = [{ [GOOD]: 'acct_1' }, { acct_1: 'x', [OTHER]: { current: 'y' } }, { acct_1: { [GOOD]: 'current' } }];
  const runs = [secrets(RECORD, GOOD), ...swapped.map((record) => secrets(record))];
  const ended = await Promise.all(runs);
  expect(ended.map(({ code }) => code)).toEqual([1, 2, 2, 2]);
  for (const { stdout, stderr } of ended) {
    expect(stderr).toContain('looks like a secret');
    for (const secret of [GOOD, OTHER]) expect(stdout + stderr).not.toContain(secret.slice(6, 20));
  }
});

test('where all secrets may be guessed, the file has no fingerprint', async () => {
  const { stdout, stderr } = await secrets({ acct_1: 'hunter2' });
  expect(stdout + stderr).not.toMatch(/[0-9a-f]{8}[:\t\n]/);
  expect(stderr).toContain('the file has no fingerprint, because all its secrets may be guessed');
});

test('a reference that is not there is exit code 1; no file, or a broken one, is exit code 2', async () => {
  const unknown = await secrets(RECORD, 'acct_2', 'acct_3');
  expect([unknown.code, unknown.stdout, unknown.stderr]).toEqual([
    1,
    '',
    'the file has 2 references, and not "acct_3"',
  ]);
  expect((await secrets(undefined)).code).toBe(2);
  const none = await runInProcess(secretsCommand, [], {});
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('TOPCALLS_SECRETS_FILE is not set')]);
});
