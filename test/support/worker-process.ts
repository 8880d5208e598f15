/** The stand-alone worker as a process of its own, for tests that kill it. Built from this tree, configured by env. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECRET } from './builders.ts';
import { builtCli } from './built-cli.ts';

export type WorkerProcess = {
  readonly output: () => string;
  kill(signal: NodeJS.Signals): Promise<number | null>;
};

/** A call engine's API that has every artifact at once. */
export async function startArtifactApi(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    const created_at = '2025-12-22T10:30:05Z';
    const transcript = [{ id: 1, user: 'assistant', text: 'Hi', created_at }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ recording_url: 'https://example.com/r.mp3', transcript, call_summary: 'Fine.' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, close };
}

/** Starts a worker and resolves once it polls. */
export async function startWorkerProcess(options: {
  readonly address: string;
  readonly taskQueue: string;
  readonly artifactsUrl: string;
}): Promise<WorkerProcess> {
  const secretsFile = join(mkdtempSync(join(tmpdir(), 'secrets-')), 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify({ main: SECRET }), { mode: 0o600 });
  const child: ChildProcess = spawn(process.execPath, [await builtCli(), 'worker'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TEMPORAL_ADDRESS: options.address,
      TOPCALLS_TASK_QUEUE: options.taskQueue,
      TOPCALLS_ARTIFACTS_URL: options.artifactsUrl,
      TOPCALLS_SECRETS_FILE: secretsFile,
      TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
      TOPCALLS_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('worker.ready')) resolve();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    void ended.then((code) => reject(new Error(`the worker ended with ${code} before it was ready:\n${output}`)));
  });
  return {
    output: () => output,
    kill: async (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
