/**
 * How a command ends: the exit codes, and which error gives which. A person gets one clear line, and no stack trace for
 * what they can fix themselves.
 */
import { oneLine } from '../../contract/shown-text.ts';
import { EnvError } from '../environment/env-error.ts';

/** `failed`: it ran without success, or what was asked for is not there. `usage`: arguments or environment are wrong.
 *  `interrupted`: 128 + SIGINT, as shells expect. */
export const EXIT = { ok: 0, failed: 1, usage: 2, noServer: 3, interrupted: 130 } as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command cannot go on. The message says what is wrong and how to fix it. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  constructor(code: string, exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** Wrong arguments, or arguments that do not fit together: exit code 2. */
export function usageError(message: string, options?: ErrorOptions): CliError {
  return new CliError('bad_option', EXIT.usage, message, options);
}

/** The exit code and the words for what a command threw. Errors with a `code` explain themselves. Others are our own
 *  bugs, and keep their stack. */
export function endOf(error: unknown): { readonly exitCode: ExitCode; readonly words: string } {
  if (error instanceof CliError) return { exitCode: error.exitCode, words: error.message };
  if (error instanceof EnvError) return { exitCode: EXIT.usage, words: error.message };
  if (!(error instanceof Error)) return { exitCode: EXIT.failed, words: String(error) };
  const { code } = error as { code?: unknown };
  if (code === 'MODULE_NOT_FOUND' && error.message.includes('@temporalio/')) {
    return { exitCode: EXIT.failed, words: missingSdk(error) };
  }
  if (code === 'TEMPORAL_NOT_FOUND' || code === 'temporal_unavailable') {
    return { exitCode: EXIT.noServer, words: error.message };
  }
  return {
    exitCode: EXIT.failed,
    words: typeof code === 'string' ? oneLine(error.message) : (error.stack ?? error.message),
  };
}

/** The same for a program that asked for JSON. `code` is stable: the one of an error that explains itself,
 *  `bad_environment`, or `failed` for any other. */
export function endAsJson(error: unknown): string {
  const { words } = endOf(error);
  const { code } = Object(error) as { readonly code?: unknown };
  // A bug of ours has a stack, which is for people.
  const message = typeof code === 'string' || !(error instanceof Error) ? words : error.message;
  return JSON.stringify({ error: { code: typeof code === 'string' ? code : 'failed', message } }, undefined, 2);
}

/** The SDK is an optional peer dependency, because a customer who only verifies signatures must not install it. */
function missingSdk(error: Error): string {
  const [name = '@temporalio/worker'] = /@temporalio\/[a-z-]+/.exec(error.message) ?? [];
  return (
    `${name} is not installed, and this command needs Temporal's SDK. Install it beside this package: ` +
    'npm install @temporalio/activity @temporalio/client @temporalio/common @temporalio/envconfig ' +
    '@temporalio/worker @temporalio/workflow'
  );
}
