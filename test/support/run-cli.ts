/** Runs the built command to its end, as a shell would. */
import { spawn } from 'node:child_process';
import { builtCli } from './built-cli.ts';

export type CliRun = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** `topcalls-webhooks ...args` with just this environment (plus PATH and HOME). Killed after `timeoutMs`. */
export async function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  timeoutMs = 280_000,
): Promise<CliRun> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [await builtCli(), ...args], {
    env: { PATH, HOME, ...env },
    timeout: timeoutMs,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}
