/**
 * Runs one command in the test's own process. That is faster than the built one, and the same code except for
 * main.ts.
 */
import { CommanderError, type Command } from 'commander';
import pc from 'picocolors';
import { endOf } from '../../cli/process/exit.ts';
import type { Terminal } from '../../cli/process/terminal.ts';

export type CommandRun = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A terminal that is no screen: it keeps what is written to it. */
export function recordingTerminal(env: NodeJS.ProcessEnv = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    env,
    colors: pc.createColors(false),
    isLive: false,
    say: (text = '') => void err.push(text),
    data: (text) => void out.push(text),
    exact: (text) => void out.push(text),
    ask: async () => undefined,
    live: () => {},
  };
  return { terminal, out, err };
}

/** Runs `makeCommand` with these arguments and only this environment. */
export async function runInProcess(
  makeCommand: (terminal: Terminal, ended: (code: number) => void) => Command,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<CommandRun> {
  const { terminal, out, err } = recordingTerminal(env);
  let code = -1;
  const command = makeCommand(terminal, (exitCode) => {
    code = exitCode;
  })
    .exitOverride()
    .configureOutput({ writeErr: (text) => void err.push(text), writeOut: (text) => void out.push(text) });
  try {
    await command.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) code = error.exitCode === 0 ? 0 : 2;
    else {
      const end = endOf(error);
      code = end.exitCode;
      err.push(end.words);
    }
  }
  return { code, stdout: out.join('\n'), stderr: err.join('\n') };
}
