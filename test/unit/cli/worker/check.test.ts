import { expect, test } from '@jest/globals';
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
