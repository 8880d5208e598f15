/** The stand-alone worker as a process of its own, for tests that kill it. Built from this tree, configured by env. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECRET } from './builders.ts';
import { startCli } from './live-cli.ts';
import type { LiveCli } from './live-cli.ts';

export type WorkerProcess = Pick<LiveCli, 'output' | 'kill'>;

/** What lets a worker of a test post to receivers on this machine. */
export const LOOPBACK_ENV = {
  TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
  TOPCALLS_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
} as const;

/** Starts a worker and resolves once it polls. */
export async function startWorkerProcess(options: {
  readonly address: string;
  readonly taskQueue: string;
  readonly artifactsUrl: string;
}): Promise<WorkerProcess> {
  const secretsFile = join(mkdtempSync(join(tmpdir(), 'secrets-')), 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify({ main: SECRET }), { mode: 0o600 });
  const worker = await startCli(['worker'], {
    TEMPORAL_ADDRESS: options.address,
    TOPCALLS_TASK_QUEUE: options.taskQueue,
    TOPCALLS_ARTIFACTS_URL: options.artifactsUrl,
    TOPCALLS_DATABASE_URL: 'none',
    TOPCALLS_SECRETS_FILE: secretsFile,
    ...LOOPBACK_ENV,
  });
  await worker.says(/worker\.ready/);
  return worker;
}
