/** Workers of a bench, each in a process of its own, so that they take turns with nothing but each other. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { given } from '../contract/given.ts';
import type { Closers } from '../test/support/run-script.ts';
import { plainBundle } from '../test/support/workflow-bundles.ts';

/** What a worker tells. Memory in MiB, delays of the event loop in ms, processor time in s. */
export type WorkerSeen = {
  readonly memoryMiB: number;
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly cpuS: number;
};

/** `slots`: of activities. Default: the worker's own. `metricsAddress`: where its exporter listens, '' for none; with
 *  it the worker counts per endpoint. */
export type BenchWorkerOptions = {
  readonly address: string;
  readonly taskQueue: string;
  readonly slots?: string | undefined;
  readonly metricsAddress?: string;
};

/** Bundles the workflow code once, for all workers of this bench. */
export async function bundleForWorkers(closers: Closers): Promise<void> {
  const { codePath: path } = await plainBundle();
  process.env['TEST_WORKFLOW_BUNDLE'] = path;
  closers.push(async () => rmSync(dirname(path), { recursive: true, force: true }));
}

/** Resolves once it polls. It is killed with the closers. */
export async function startBenchWorker(options: BenchWorkerOptions, closers: Closers): Promise<ChildProcess> {
  const { address, taskQueue, slots, metricsAddress } = options;
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: address,
    TASK_QUEUE: taskQueue,
    ...(slots && { SLOTS: slots }),
    ...given({ METRICS_ADDRESS: metricsAddress }),
  };
  const execArgv = ['-r', join(__dirname, '../scripts/run-typescript.cjs')];
  const child = fork(join(__dirname, 'worker-entry.ts'), { env, execArgv });
  closers.push(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  await once(child, 'message');
  return child;
}

/** What it has seen since it was asked last. */
export async function askWorker(child: ChildProcess): Promise<WorkerSeen> {
  const answered = once(child, 'message');
  child.send('seen');
  return (await answered)[0] as WorkerSeen;
}
