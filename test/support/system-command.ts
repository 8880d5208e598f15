/** The command line of a system test: `npm run soak`, `npm run topology`. Numbers and flags, help, one exit code
 *  each. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EXIT } from '../../cli/process/exit.ts';
import { terminalOf } from '../../cli/process/terminal.ts';
import type { Terminal } from '../../cli/process/terminal.ts';
import { DIST_CLI } from './processes.ts';
import { runScript } from './run-script.ts';

/** Values of the command's options by name. */
export type SystemOptions<N extends string, F extends string> = Readonly<Record<N, number> & Record<F, boolean>>;

export type SystemCommand<N extends string, F extends string> = {
  /** The npm script. */
  readonly name: string;
  readonly help: string;
  /** Options that are whole numbers from 1, with their defaults. */
  readonly numbers: Readonly<Record<N, number>>;
  readonly flags: readonly F[];
  /** Whether it runs the built command of dist/. Default true. */
  readonly usesBuild?: boolean;
  /** Resolves with the exit code. `progress` is `terminal.say` with the seconds since the start in front. */
  play(
    options: SystemOptions<N, F>,
    shown: { readonly terminal: Terminal; readonly progress: (line: string) => void },
  ): Promise<number>;
};

/** Runs the command with the process's arguments, and ends the process. */
export function runSystemCommand<N extends string, F extends string>(command: SystemCommand<N, F>): Promise<never> {
  return runScript(async () => {
    const terminal = terminalOf(process.env, process);
    let options: SystemOptions<N, F> | undefined;
    try {
      options = readOptions(command);
    } catch (error) {
      terminal.say(`error: ${(error as Error).message}\n(--help shows what is possible)`);
      return EXIT.usage;
    }
    if (options === undefined) {
      terminal.data(command.help);
      return EXIT.ok;
    }
    if (command.usesBuild !== false && !existsSync(DIST_CLI)) {
      terminal.say(`error: dist/ is not there: call \`npm run ${command.name}\`, which builds first`);
      return EXIT.usage;
    }
    const startedAt = Date.now();
    const progress = (line: string): void =>
      terminal.say(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
    return command.play(options, { terminal, progress });
  });
}

/** Undefined where help is asked for. Throws an error for the person who typed. */
function readOptions<N extends string, F extends string>({
  numbers,
  flags,
}: SystemCommand<N, F>): SystemOptions<N, F> | undefined {
  const names = Object.keys(numbers) as N[];
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' } as const])),
      ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' } as const])),
    },
  }) as { values: Readonly<Record<string, string | boolean | undefined>> };
  if (values['help'] === true) return undefined;
  const numberOf = (name: N): number => {
    const value = values[name] ?? String(numbers[name]);
    if (!/^[1-9]\d{0,6}$/.test(String(value))) throw new Error(`--${name} ${value}: a whole number from 1`);
    return Number(value);
  };
  return Object.fromEntries([
    ...names.map((name) => [name, numberOf(name)]),
    ...flags.map((name) => [name, values[name] === true]),
  ]) as SystemOptions<N, F>;
}
