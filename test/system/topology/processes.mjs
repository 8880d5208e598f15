/** Starts and ends the topology's processes. Each writes to a file of its own in the data folder, and dies when we do. */
import { execFile, spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { built } from './built.mjs';

const { killWhenWeDie } = built('cli/die-with-us');

// Above the worker's own grace of 25 s.
const POLITE_MS = 40_000;
const RUN_TIMEOUT_MS = 120_000;

const started = [];

/** Starts `command` (program and arguments); `options` are those of spawn, and `stopSignal`. `name` names its log,
 *  `<name>.log` in `folder`. `stop()` resolves with the exit code, null where a signal ended it. */
export function startProcess(name, folder, command, { ipc = false, stopSignal = 'SIGTERM', ...options }) {
  const log = join(folder, `${name}.log`);
  const file = openSync(log, 'a');
  // detached: Ctrl-C comes to this script alone, which then ends the others in their order.
  const stdio = ['ignore', file, file, ...(ipc ? ['ipc'] : [])];
  const child = spawn(command[0], command.slice(1), { ...options, stdio, detached: true });
  closeSync(file);
  dieWithUs(child);
  // 'close' comes after 'error' too, where there was no such program.
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.once('error', (error) => appendFileSync(log, `${error.message}\n`));
  const isRunning = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    const insist = setTimeout(() => child.kill('SIGKILL'), POLITE_MS);
    if (isRunning()) child.kill(stopSignal);
    await ended;
    clearTimeout(insist);
    return child.exitCode;
  };
  const running = { name, child, isRunning, stop, log: () => readFileSync(log, 'utf8') };
  started.push(running);
  return running;
}

/** Ends whatever runs, the last started first. */
export async function stopAll() {
  for (let running = started.pop(); running !== undefined; running = started.pop()) await running.stop();
}

/** Runs a command to its end; resolves with its stdout and stderr. Rejects with the latter where the exit code is not 0, or
 *  where it takes longer than `timeoutMs` (default: two minutes). */
export async function runToEnd(name, command, env, timeout = RUN_TIMEOUT_MS) {
  const running = promisify(execFile)(command[0], command.slice(1), { env, timeout });
  dieWithUs(running.child);
  try {
    return await running;
  } catch (error) {
    const end = error.killed === true ? `did not end in ${timeout / 1_000} s` : `ended with ${error.code}`;
    throw new Error(`${name} ${end}:\n${lastLines(`${error.stdout}${error.stderr}`)}`, { cause: error });
  }
}

function dieWithUs(child) {
  if (child.pid !== undefined) child.once('exit', killWhenWeDie(child.pid));
}

/** Asks `isReady` four times a second until it says yes. Rejects when the process ends before, or after `withinMs`. */
export async function untilReady(running, isReady, withinMs) {
  const deadline = Date.now() + withinMs;
  while (!(await isReady())) {
    const why = running.isRunning() ? (Date.now() > deadline ? `was not ready in ${withinMs / 1_000} s` : '') : 'ended';
    if (why !== '') throw new Error(`${running.name} ${why}:\n${lastLines(running.log())}`);
    await delay(250);
  }
}

function lastLines(text) {
  const lines = text.trimEnd().split('\n').slice(-12);
  return lines.map((line) => line.slice(0, 400)).join('\n');
}
