#!/usr/bin/env node
/**
 * The command `topcalls-webhooks`. Only this file touches the process: arguments, environment, exit code. Each command
 * is a file of its own and loads what it needs when it runs, so `--help` is quick and works without the SDK.
 */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../contract/version.ts';
import { COMMANDS } from './command-list.ts';
import { refuseUnknownVariables } from './environment/known-variables.ts';
import { endAsJson, endOf, EXIT } from './process/exit.ts';
import { loseOutput } from './process/interrupts.ts';
import { SAFE_OUTPUT, screenText } from './process/screen-text.ts';
import { type Terminal, terminalOf } from './process/terminal.ts';

const HELP = `
Examples:
  $ topcalls-webhooks demo                    four calls and what becomes of their webhooks, in half a minute
  $ topcalls-webhooks dev                     server, Web UI, worker and receiver, to play with
  $ topcalls-webhooks setup --namespace prod  search attributes, once per namespace
  $ topcalls-webhooks worker                  the worker, configured by TEMPORAL_* and TOPCALLS_*
  $ topcalls-webhooks status call-1           where a webhook stands: what failed, why, what happens next
  $ topcalls-webhooks request call-1          what was sent: headers, body, a curl command
  $ topcalls-webhooks endpoints --unhealthy   which receivers fail, since when, what waits
  $ topcalls-webhooks report --account acct_1 --html > report.html
  $ topcalls-webhooks doctor                  what is wrong with the installation, and what helps
  $ topcalls-webhooks redeliver --failed --since 1d --dry-run
  $ topcalls-webhooks db list --state failed  the delivery log in PostgreSQL: db --help

Exit codes: 0 done, 1 failed or not found, 2 wrong arguments or environment, 3 no Temporal server, 130 interrupted.
A variable TOPCALLS_… that no command reads is an error (2), because it is most likely mistyped.
Human text goes to stderr, data to stdout; with --json also why a command failed: { "error": { code, message } }.`;

/** An id may begin with a dash, which looks like an option. */
const DASHES = '(add --help for what is possible; an id that begins with a dash goes behind a lone --)';

async function run(argv: readonly string[]): Promise<number> {
  const own = terminalOf(process.env, process);
  const { terminal, hasPrinted } = watched(own);
  let asksForJson = false;
  let exitCode: number = EXIT.ok;
  const ended = (code: number): void => {
    exitCode = code;
  };
  const program = new Command('topcalls-webhooks')
    .description('Durable post-call webhooks: one signed POST per ended call, retried on a ladder, on Temporal.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help; also: topcalls-webhooks <command> --help')
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride()
    .configureOutput(SAFE_OUTPUT)
    .hook('preAction', (_program, command) => {
      asksForJson = command.opts<{ readonly json?: boolean }>().json === true;
      // The worker names such variables together with everything else that is wrong.
      if (command.name() !== 'worker') refuseUnknownVariables(terminal.env);
    });
  for (const makeCommand of COMMANDS) {
    // Commander's sub-commands inherit nothing when they are added and not made by `command()`.
    const command = makeCommand(terminal, ended).copyInheritedSettings(program);
    if (command.registeredArguments.length > 0) command.showHelpAfterError(DASHES);
    program.addCommand(command);
  }
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const end = endOf(error);
    // One document, and no second one behind what was printed already.
    if (asksForJson && !hasPrinted()) own.data(endAsJson(error));
    own.say(`${own.colors.red('error:')} ${end.words}`);
    return end.exitCode;
  }
}

/** The same terminal, and whether a command has printed any data to it. */
function watched(own: Terminal): { readonly terminal: Terminal; readonly hasPrinted: () => boolean } {
  let isPrinted = false;
  const noting =
    (print: (text: string) => void) =>
    (text: string): void => {
      isPrinted = true;
      print(text);
    };
  const data = noting((text) => own.data(text));
  const exact = noting((text) => own.exact(text));
  return { terminal: { ...own, data, exact }, hasPrinted: () => isPrinted };
}

async function main(): Promise<void> {
  let isWritten = true;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // `topcalls-webhooks … | head`: a reader that has enough closes the pipe. That is no error.
    if (code !== 'EPIPE') isWritten = false;
    // What acts stops in order and says what it did. Its exit code then tells that it was interrupted.
    if (loseOutput()) return;
    if (!isWritten) process.stderr.write(screenText(`error: stdout cannot be written: ${message}\n`));
    process.exit(isWritten ? EXIT.ok : EXIT.failed);
  });
  // Nobody is there who could be told.
  process.stderr.on('error', () => {});
  const exitCode = await run(process.argv);
  // A connection that failed leaves native handles, which would keep the process alive. So it exits, but only after
  // everything was written to the pipes.
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit(exitCode === EXIT.ok && !isWritten ? EXIT.failed : exitCode);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

void main();
