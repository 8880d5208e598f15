/** What `--help` of every command says of its options. */
import type { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../../../cli/command-list.ts';
import { recordingTerminal } from '../../../support/in-process-cli.ts';

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
