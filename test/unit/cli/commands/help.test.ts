/** What `--help` of every command says of its options. */
import type { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../../../cli/command-list.ts';
import { doctorCommand } from '../../../../cli/commands/doctor/command.ts';
import { recordingTerminal, runInProcess } from '../../../support/in-process-cli.ts';

const { terminal } = recordingTerminal();
const withSubcommands = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap((each) => withSubcommands(each)),
];
const all = COMMANDS.flatMap((make) => withSubcommands(make(terminal, () => {})));

test.each(all.map((command) => [command.name(), command] as const))('%s tells each default once', (_name, command) => {
  const lines = command
    .createHelp()
    .visibleOptions(command)
    .map((option) => command.createHelp().optionDescription(option));
  expect(lines.filter((line) => line.split('(default:').length > 2)).toEqual([]);
});

/** Everything that can be called: a command with subcommands is only their list. */
const callable = all.filter((command) => command.commands.length === 0);

test.each(callable.map((command) => [command.name(), command] as const))(
  '%s tells its exit codes',
  (_name, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
    expect(help).toMatch(/^Exit codes: 0 /m);
    if (['cancel', 'retry-now', 'redeliver', 'reconcile', 'erase'].includes(command.name()))
      expect(help).toContain('130 interrupted');
  },
);

test.each([
  [['--metrics', '--json'], 'exclude each other'],
  [['--listen', '127.0.0.1:9465', '--json'], 'exclude each other'],
  [['--interval', '1m'], '--interval is about --listen'],
])('doctor %j is refused, for a part of it would be ignored', async (args, words) => {
  const { code, stderr } = await runInProcess(doctorCommand, args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
});
