/** Which error ends a command with which code. */
import { expect, test } from '@jest/globals';
import { TemporalNotFoundError } from '../../../../temporal-server/find-or-start.ts';
import { EnvError } from '../../../../cli/environment/env-error.ts';
import { CliError, endOf } from '../../../../cli/process/exit.ts';
import { TemporalUnavailableError } from '../../../../client/errors.ts';

test.each([
  ['a server that is nowhere', new TemporalNotFoundError([]), 3],
  [
    'a server that stopped answering',
    new TemporalUnavailableError({
      what: 'starting call-webhook/1',
      kind: 'start',
      namespace: 'default',
      timeoutMs: 5_000,
    }),
    3,
  ],
  ['a wrong environment', new EnvError([]), 2],
  ['what a command says itself', new CliError('health_port', 1, 'port 80 is taken'), 1],
  ['a bug', new TypeError('x is undefined'), 1],
])('%s ends with its exit code', (_what, error, exitCode) => {
  expect(endOf(error).exitCode).toBe(exitCode);
});

test('an SDK that is not installed is named, with the command that installs it', () => {
  const missing = Object.assign(new Error("Cannot find module '@temporalio/worker'"), { code: 'MODULE_NOT_FOUND' });
  const { words } = endOf(missing);
  expect(words).toContain('@temporalio/worker is not installed');
  expect(words).toContain('npm install @temporalio/activity');
});

test('errors that explain themselves come as one line, bugs with their stack', () => {
  expect(endOf(new CliError('health_port', 1, 'port 80 is taken')).words).toBe('port 80 is taken');
  expect(endOf(new TypeError('x is undefined')).words).toMatch(/x is undefined\n +at /);
});
