/**
 * Processes of the system tests. Each writes to its own file in the run's folder, ends with the run, and dies when we
 * do.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { killWhenWeDie } from '../../temporal-server/die-with-us.ts';
import type { Env } from '../../temporal-server/env.ts';
import type { SystemRun } from './system-run.ts';

const ROOT = join(__dirname, '../..');

/** The built command, as it ships. */
export const DIST_CLI = join(ROOT, 'dist/cli/main.js');

/** The command that runs a TypeScript file of this repository. */
export function typescript(file: string): readonly string[] {
  return [process.execPath, '-r', join(ROOT, 'scripts/run-typescript.cjs'), file];
}

// Longer than the worker's own grace of 25 s.
const POLITE_MS = 40_000;
const RUN_TIMEOUT_MS = 120_000;

export type RunningProcess = {
  readonly name: string;
  readonly child: ChildProcess;
  isRunning(): boolean;
  /** Sends the signal; resolves with the exit code once the process is gone, null where a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Everything it has written. */
  log(): string;
};

/**
 * Starts `command`, program and arguments, with only this environment. Its log is `<name>.log` in the run's folder.
 */
export function startProcess(
  { folder, closers }: Pick<SystemRun, 'folder' | 'closers'>,
  name: string,
  command: readonly string[],
  { env, ipc = false }: { readonly env: Env; readonly ipc?: boolean },
): RunningProcess {
  const log = join(folder, `${name}.log`);
  const file = openSync(log, 'a');
  const [program = '', ...args] = command;
  // detached: Ctrl-C reaches only this script, which then ends the others in their order.
  const child = spawn(program, args, {
    env: { ...env },
    stdio: ['ignore', file, file, ...(ipc ? (['ipc'] as const) : [])],
    detached: true,
  });
  closeSync(file);
  dieWithUs(child);
  // 'close' follows 'error' too, when the program does not exist.
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('error', (error) => appendFileSync(log, `${error.message}\n`));
  const isRunning = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const insist = setTimeout(() => child.kill('SIGKILL'), POLITE_MS);
    if (isRunning()) child.kill(signal);
    await ended;
    clearTimeout(insist);
    return child.exitCode;
  };
  closers.push(() => end('SIGTERM'));
  return { name, child, isRunning, end, log: () => readFileSync(log, 'utf8') };
}

/**
 * Runs a command to its end and resolves with its output. Rejects with that output if the exit code is not 0, or if
 * it takes longer than `timeout` ms.
 */
export async function runToEnd(
  name: string,
  command: readonly string[],
  env: Env,
  timeout = RUN_TIMEOUT_MS,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const [program = '', ...args] = command;
  const running = promisify(execFile)(program, args, { env: { ...env }, timeout });
  dieWithUs(running.child);
  try {
    return await running;
  } catch (error) {
    const { killed, code, stdout = '', stderr = '' } = error as Failed;
    const end = killed === true ? `did not end in ${timeout / 1_000} s` : `ended with ${code}`;
    throw new Error(`${name} ${end}:\n${lastLines(`${stdout}${stderr}`)}`, { cause: error });
  }
}

type Failed = {
  readonly killed?: boolean;
  readonly code?: string | number;
  readonly stdout?: string;
  readonly stderr?: string;
};

function dieWithUs(child: ChildProcess): void {
  if (child.pid !== undefined) child.once('exit', killWhenWeDie(child.pid));
}

/** Asks `isReady` four times a second until it says yes. Rejects when the process ends before, or after `withinMs`. */
export async function untilReady(
  running: RunningProcess,
  isReady: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isReady())) {
    if (!running.isRunning()) throw new Error(`${running.name} ended:\n${lastLines(running.log())}`);
    if (Date.now() > deadline) {
      throw new Error(`${running.name} was not ready in ${withinMs / 1_000} s:\n${lastLines(running.log())}`);
    }
    await delay(250);
  }
}

/** Whether the worker with this health port says that it polls. */
export async function saysReady(healthPort: number): Promise<boolean> {
  const signal = AbortSignal.timeout(1_000);
  return fetch(`http://127.0.0.1:${healthPort}/readyz`, { signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function lastLines(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-12);
  return lines.map((line) => line.slice(0, 400)).join('\n');
}
