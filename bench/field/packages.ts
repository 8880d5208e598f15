/**
 * The packages that only this bench needs. They are no dependencies of ours: `npm ci` would install them for everyone.
 * They are installed once, by the lock file beside this file, into the lasting cache folder. So TypeScript cannot see
 * their types, and the types of what we use stand here.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cachedPath, keepInCache } from '../../temporal-server/program-cache.ts';
import { runToEnd } from '../../test/support/processes.ts';

const FILES = ['package.json', 'package-lock.json'] as const;
const INSTALL_MS = 5 * 60_000;

/** Installs them unless they are there. */
export async function installPackages(say: (line: string) => void): Promise<void> {
  const path = folder();
  if (existsSync(path)) return;
  say(`npm ci of what bench/field needs, once; kept in ${path}`);
  await keepInCache(process.env, path, async (working) => {
    for (const name of FILES) copyFileSync(join(__dirname, name), join(working, name));
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
    await runToEnd('npm ci', ['npm', 'ci', '--prefix', working, ...flags], process.env, INSTALL_MS);
    return working;
  });
}

/** The version that is installed. */
export function versionOf(name: string): string {
  const lock = JSON.parse(readFileSync(join(__dirname, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  };
  return lock.packages[`node_modules/${name}`]?.version ?? 'unknown';
}

function folder(): string {
  const hash = createHash('sha256');
  for (const name of FILES) hash.update(readFileSync(join(__dirname, name)));
  return cachedPath(process.env, 'bench-field', hash.digest('hex').slice(0, 12));
}

const load = <Package>(name: string): Package => createRequire(join(folder(), 'package.json'))(name) as Package;

export type BullJob<Data> = {
  readonly data: Data;
  readonly attemptsMade: number;
  updateData(data: Data): Promise<void>;
};

type Redis = { readonly host: string; readonly port: number; readonly maxRetriesPerRequest?: null };

export type BullQueue = {
  add(
    name: string,
    data: object,
    options: {
      readonly jobId: string;
      readonly delay: number;
      readonly attempts: number;
      readonly backoff: { readonly type: 'custom' };
    },
  ): Promise<unknown>;
  close(): Promise<void>;
};

type BullMq = {
  readonly Queue: new (name: string, options: { readonly connection: Redis }) => BullQueue;
  readonly Worker: new <Data>(
    name: string,
    work: (job: BullJob<Data>) => Promise<void>,
    options: {
      readonly connection: Redis;
      readonly concurrency: number;
      readonly settings: { readonly backoffStrategy: (attemptsMade: number) => number };
    },
  ) => { on(event: 'error', told: (error: Error) => void): void; waitUntilReady(): Promise<unknown> };
};

export const loadBullMq = (): BullMq => load('bullmq');

export type DbosClient = {
  enqueue(
    options: { readonly workflowName: string; readonly queueName: string; readonly workflowID: string },
    ...args: readonly unknown[]
  ): Promise<unknown>;
  destroy(): Promise<void>;
};

type Dbos = {
  readonly DBOS: {
    setConfig(config: {
      readonly name: string;
      readonly systemDatabaseUrl: string;
      readonly logLevel: string;
      readonly applicationVersion: string;
    }): void;
    registerWorkflow<Args extends readonly unknown[]>(
      work: (...args: Args) => Promise<void>,
      options: { readonly name: string },
    ): unknown;
    registerQueue(
      name: string,
      options: { readonly workerConcurrency: number; readonly minPollingIntervalMs: number },
    ): Promise<unknown>;
    launch(): Promise<void>;
    sleep(ms: number): Promise<void>;
    runStep<Value>(step: () => Promise<Value>, options: { readonly name: string }): Promise<Value>;
  };
  readonly DBOSClient: { create(options: { readonly systemDatabaseUrl: string }): Promise<DbosClient> };
};

export const loadDbos = (): Dbos => load('@dbos-inc/dbos-sdk');
