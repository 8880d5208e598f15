/** The built command while it runs: read its output, interrupt it as a terminal does. */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { killWhenWeDie } from '../../temporal-server/die-with-us.ts';
import { builtCli } from './built-cli.ts';

export type LiveCli = {
  readonly pid: number;
  /** stdout and stderr so far, as they came. */
  readonly output: () => string;
  /** Resolves with the output once it matches; rejects with it when the process ends before. */
  says(pattern: RegExp): Promise<string>;
  /** Calls back with what came so far, then with each further piece. */
  follow(take: (piece: string) => void): void;
  /** Signals the whole process group, as Ctrl-C does. Resolves with the exit code. */
  interrupt(): Promise<number | null>;
  /** Signals the process alone. Resolves with its exit code, null after SIGKILL. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
};

/** Starts `topcalls-webhooks ...args` with just this environment (plus PATH, HOME), in a process group of its own. */
export async function startCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<LiveCli> {
  return startScript([await builtCli(), ...args], env);
}

/** The same with any script and its arguments, below `folder`. It dies when the test process does. */
export function startScript(args: readonly string[], env: NodeJS.ProcessEnv, folder = process.cwd()): LiveCli {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, args, { cwd: folder, env: { PATH, HOME, ...env }, detached: true });
  child.unref();
  let output = '';
  const looks = new Set<() => void>();
  const followers = new Set<(piece: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    // A test that fails before it ends the process must not wait for it. killWhenWeDie ends it then.
    (stream as Socket).unref();
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      for (const look of looks) look();
      for (const take of followers) take(chunk.toString());
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  if (child.pid !== undefined) void ended.then(killWhenWeDie(child.pid));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(output)) return;
          looks.delete(look);
          resolve(output);
        };
        looks.add(look);
        look();
        void ended.then((code) => reject(new Error(`ended with ${code} before it said ${pattern}:\n${output}`)));
      }),
    follow: (take) => {
      take(output);
      followers.add(take);
    },
    interrupt: () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
      return ended;
    },
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
