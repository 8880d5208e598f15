/** The servers that the contestants keep their state in, and the customers' servers. Each ends with the run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';
import { freePort, someoneListens } from '../../temporal-server/ports.ts';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.ts';
import { DIST_CLI, runToEnd, startProcess, untilReady } from '../../test/support/processes.ts';
import type { SystemRun } from '../../test/support/system-run.ts';
import { findTemporalCli, startOwnServer } from '../../test/support/temporal-server.ts';
import { startComposeServer } from '../compose-server.ts';
import { startChild, type Child } from './child.ts';
import { ownChild, treeCpuMs } from './processor-time.ts';

/** Where a contestant keeps its state. */
export type State = 'temporal' | 'postgres' | 'redis';

export type TemporalServer = {
  readonly address: string;
  readonly client: Client;
  /** The reference workflows, bundled. */
  readonly bundle: string;
  readonly words: string;
};

export type Servers = {
  readonly temporal: TemporalServer;
  readonly databaseUrl: string;
  readonly redisPort: number;
  readonly receivers: Child;
  readonly receiverPort: number;
  /** Processor time of the servers that hold this kind of state, ms. */
  readonly cpuMs: (state: State) => number;
  /** Bytes that they hold. Undefined where nothing tells: the development server is one process in memory. */
  readonly bytes: (state: State) => Promise<number | undefined>;
};

/** Starts all. `isCompose`: the real Temporal server with PostgreSQL, not the development server. */
export async function startServers(run: SystemRun, isCompose: boolean): Promise<Servers> {
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('WARN') });
  const receivers = await startChild('receivers.ts', {});
  run.closers.push(() => receivers.end());
  const folder = join(run.folder, 'others');
  mkdirSync(folder, { mode: 0o755 });
  const database = await startPostgres({ folder });
  run.closers.push(() => database.close());
  const redis = await startRedis(run);
  const { address, words, cpuMs, bytes } = await (isCompose ? composeServer(run) : devServer(run));
  const connection = await Connection.connect({ address });
  run.closers.push(() => connection.close());
  const temporal = { address, client: new Client({ connection }), bundle: await bundleOf(run.folder), words };
  const cpu = { temporal: cpuMs, redis: redis.cpuMs, postgres: () => postgresCpuMs(folder) };
  const sizes = { temporal: bytes, redis: redis.bytes, postgres: () => sizeOf(database) };
  return {
    temporal,
    databaseUrl: database.url,
    redisPort: redis.port,
    receivers,
    receiverPort: await receivers.ask<number>({ ask: 'port' }),
    cpuMs: (state) => cpu[state](),
    bytes: (state) => sizes[state](),
  };
}

type Measured = {
  readonly address: string;
  readonly words: string;
  readonly cpuMs: () => number;
  readonly bytes: () => Promise<number | undefined>;
};

async function devServer({ closers, say }: SystemRun): Promise<Measured> {
  const server = await startOwnServer({ binary: await findTemporalCli(say) });
  closers.push(() => server.stop());
  const pid = server.pid();
  const bytes = async (): Promise<undefined> => undefined;
  return { address: server.address, words: 'development server', cpuMs: () => treeCpuMs(pid), bytes };
}

async function composeServer(run: SystemRun): Promise<Measured> {
  const { address, postgres } = await startComposeServer(run);
  const env = { TEMPORAL_ADDRESS: address, PATH: process.env['PATH'] ?? '', HOME: run.folder };
  await runToEnd('setup', [process.execPath, DIST_CLI, 'setup'], env);
  const pid = ownChild('temporal-server');
  const cpuMs = (): number => treeCpuMs(pid) + postgresCpuMs(run.folder);
  return { address, words: 'server of docker-compose.yml with PostgreSQL', cpuMs, bytes: () => sizeOf(postgres) };
}

function postgresCpuMs(folder: string): number {
  return treeCpuMs(Number(readFileSync(join(folder, 'postgresql/data/postmaster.pid'), 'utf8').split('\n')[0]));
}

async function sizeOf({ pool }: TestPostgres): Promise<number> {
  const { rows } = await pool.query<{ readonly sum: string }>(
    'select sum(pg_database_size(datname)) from pg_database where not datistemplate',
  );
  return Number(rows[0]?.sum);
}

async function startRedis(run: SystemRun) {
  const port = await freePort();
  const command = ['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const running = startProcess(run, 'redis', command, { env: { PATH: process.env['PATH'] ?? '' } });
  await untilReady(running, () => someoneListens(`127.0.0.1:${port}`)).catch((error: unknown) => {
    const fix = "BullMQ needs Debian's redis-server: apt-get install redis-server";
    throw new Error(`${fix}\n${error instanceof Error ? error.message : ''}`, { cause: error });
  });
  const pid = Number(running.child.pid);
  return { port, cpuMs: () => treeCpuMs(pid), bytes: () => redisBytes(port) };
}

/** Asked by hand: a client library would be one more package. */
async function redisBytes(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.write('INFO memory\r\n');
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    const found = /used_memory:(\d+)/.exec(text)?.[1];
    if (found !== undefined) return Number(found);
  }
  throw new Error('Redis does not tell how much memory it uses');
}

async function bundleOf(folder: string): Promise<string> {
  const workflowsPath = join(__dirname, 'flows.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  const path = join(folder, 'flows-bundle.js');
  writeFileSync(path, code);
  return path;
}
