/** Every command that needs Temporal says at once that none is there, and names the address. */
import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { controlCommand } from '../../../../cli/commands/control/command.ts';
import { doctorCommand } from '../../../../cli/commands/doctor/command.ts';
import { endpointsCommand } from '../../../../cli/commands/endpoints/command.ts';
import { eraseCommand } from '../../../../cli/commands/erase/command.ts';
import { limitCommand } from '../../../../cli/commands/limit/command.ts';
import { reconcileCommand } from '../../../../cli/commands/reconcile/command.ts';
import { reportCommand } from '../../../../cli/commands/report/command.ts';
import { requestCommand } from '../../../../cli/commands/request/command.ts';
import { setupCommand } from '../../../../cli/commands/setup/command.ts';
import { statusCommand } from '../../../../cli/commands/status/command.ts';
import { COMMANDS } from '../../../../cli/command-list.ts';
import { endAsJson, CliError, EXIT } from '../../../../cli/process/exit.ts';
import { EnvError } from '../../../../cli/environment/env-error.ts';
import type { Terminal } from '../../../../cli/process/terminal.ts';
import { freePort } from '../../../../temporal-server/ports.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

type Maker = (terminal: Terminal, ended: (code: number) => void) => Command;

const NEED_TEMPORAL: ReadonlyArray<[string, Maker, string[]]> = [
  ['status', statusCommand, ['call-1']],
  ['request', requestCommand, ['call-1']],
  ['cancel', controlCommand('cancel'), ['call-1']],
  ['cancel by state', controlCommand('cancel'), ['--running', '--account', 'acct_1']],
  ['retry-now', controlCommand('retry-now'), ['call-1']],
  ['redeliver', controlCommand('redeliver'), ['call-1']],
  ['redeliver by state', controlCommand('redeliver'), ['--failed', '--since', '1d', '--yes']],
  ['endpoints', endpointsCommand, []],
  ['report', reportCommand, ['--account', 'acct_1']],
  ['reconcile', reconcileCommand, []],
  ['erase', eraseCommand, ['call-1']],
  ['setup', setupCommand, []],
  ['limit show', limitCommand, ['show']],
  ['limit set', limitCommand, ['set', '--queue', '5/s', '--reason', 'test']],
  ['doctor', doctorCommand, ['--no-probe']],
];

test.each(NEED_TEMPORAL)('%s', async (_name, command, args) => {
  const address = `127.0.0.1:${await freePort()}`;
  const database = command === reconcileCommand ? 'postgres://nobody@127.0.0.1:9/none' : '';
  const env = { TEMPORAL_ADDRESS: address, TOPCALLS_DATABASE_URL: command === eraseCommand ? 'none' : database };
  for (const json of [[], ['--json']]) {
    const { code, stdout, stderr } = await runInProcess(command, [...args, ...json], env);
    const told = command === doctorCommand ? stdout : stderr;
    expect(told).toContain(`no Temporal server at ${address}: nothing listens there (ECONNREFUSED); start one`);
    expect(code).toBe(3);
  }
});

test('no command is forgotten: the others need no server, or find one by themselves', async () => {
  const names = COMMANDS.map((make) => make({ env: {} } as Terminal, () => {}).name());
  const tested = new Set(NEED_TEMPORAL.map(([name]) => name.split(' ')[0]));
  expect(names.filter((name) => !tested.has(name))).toEqual([
    'demo',
    'dev',
    'worker',
    'stats',
    'send-test',
    'secrets',
    'db',
    'generate-key',
    'codec-server',
  ]);
});

test.each<[unknown, string, string]>([
  [
    new CliError('no_temporal_server', EXIT.noServer, 'no Temporal server at x'),
    'no_temporal_server',
    'no Temporal server at x',
  ],
  [new EnvError([]), 'bad_environment', 'The environment cannot be used:\n'],
  [Object.assign(new Error('no webhook run'), { code: 'not_found' }), 'not_found', 'no webhook run'],
  [new TypeError('x is not a function'), 'failed', 'x is not a function'],
  ['text', 'failed', 'text'],
])('as JSON an end is a code and the same words: %p', (error, code, message) => {
  expect(JSON.parse(endAsJson(error))).toEqual({ error: { code, message } });
});
