import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SecretsFile } from '../../../../cli/environment/secrets-file.ts';
import { endOf } from '../../../../cli/process/exit.ts';
import { eventsInWords } from '../../../../cli/worker/check.ts';
import { workerCommand } from '../../../../cli/worker/command.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

test('worker --check with a wrong environment names every bad variable, and what it could not look at', async () => {
  const { code, stdout } = await runInProcess(workerCommand, ['--check'], {
    HOME: '/nonexistent',
    TOPCALLS_ARTIFACTS_URL: 'ftp://engine',
    TOPCALLS_DATABSE_URL: 'postgres://localhost/calls',
  });
  expect(code).toBe(2);
  expect(stdout).toMatch(/^failed\tenvironment\t/);
  expect(stdout).toContain('TOPCALLS_ARTIFACTS_URL');
  expect(stdout).toContain('TOPCALLS_DATABSE_URL');
  expect(stdout).toMatch(/^-\tsecrets file, encryption keys, server, .*\tnot checked$/m);
});

const url = 'https://ops.example.com/hooks?token=canary-token';
const secretsFile = join(mkdtempSync(join(tmpdir(), 'topcalls-notify-')), 'secrets.json');
writeFileSync(secretsFile, JSON.stringify({ ops: 'a-secret', acct_1: 'another-secret' }));
const secrets = new SecretsFile(secretsFile);

test('worker --check says whether delivery events are told, to which host, and signed', () => {
  expect(eventsInWords({ deliveryEvents: 'log', secretsFile }, secrets)).toBe('log lines');
  expect(eventsInWords({ deliveryEvents: { url }, secretsFile }, secrets)).toBe('POSTs to ops.example.com, not signed');
  const signed = { url, secretRef: 'ops' };
  expect(eventsInWords({ deliveryEvents: signed, secretsFile }, secrets)).toBe('POSTs to ops.example.com, signed');
});

test('a reference of delivery events without a secret is exit code 2, and is not shown', () => {
  const deliveryEvents = { url, secretRef: 'canary-reference' };
  const words = (file: string | undefined, known: SecretsFile | undefined): unknown => {
    try {
      return eventsInWords({ deliveryEvents, secretsFile: file }, known);
    } catch (error) {
      return endOf(error);
    }
  };
  const wrong = 'TOPCALLS_NOTIFY_SECRET_REF names a reference without a secret';
  expect(words(secretsFile, secrets)).toEqual({
    exitCode: 2,
    words: expect.stringContaining(`${wrong}: ${secretsFile}`),
  });
  expect(words(undefined, undefined)).toEqual({
    exitCode: 2,
    words: expect.stringContaining(`${wrong}: there is no TOPCALLS_SECRETS_FILE`),
  });
  expect(JSON.stringify([words(secretsFile, secrets), words(undefined, undefined)])).not.toContain('canary');
});
