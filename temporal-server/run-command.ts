/**
 * Runs one program to its end, to ask it a question (pip, `temporal --version`). Never throws for what the program
 * does: a program that is missing, fails or hangs is a value, which the caller turns into a reason.
 */
import { execFile } from 'node:child_process';
import type { Env } from './env.ts';
import { foreignEnv } from './foreign-env.ts';

/** How a program ended. `missing`: no such file, or not executable. `timedOut`: killed after `timeoutMs`. */
export type CommandEnd = {
  readonly outcome: 'ok' | 'failed' | 'missing' | 'timedOut';
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs `file` with `args` and waits for its end, at most `timeoutMs`. It gets `env` without our secrets. Resolves in
 *  every case. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: { readonly env: Env; readonly timeoutMs: number },
): Promise<CommandEnd> {
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      // SIGKILL: a program that hangs in a download may not answer a polite signal.
      { env: foreignEnv(options.env), timeout: options.timeoutMs, killSignal: 'SIGKILL', maxBuffer: 10 * 1024 * 1024 },
      (error, stdout, stderr) => {
        resolve({ outcome: outcomeOf(error), stdout, stderr });
      },
    );
  });
}

function outcomeOf(error: { code?: unknown; killed?: boolean } | null): CommandEnd['outcome'] {
  if (error === null) return 'ok';
  if (error.code === 'ENOENT' || error.code === 'EACCES') return 'missing';
  return error.killed === true ? 'timedOut' : 'failed';
}

/** The most telling line of a program's stderr: the last one that starts with "error", else the last one with text. */
export function telling(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.findLast((line) => /^error/i.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}
