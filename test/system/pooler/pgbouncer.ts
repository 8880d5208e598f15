/** A real PgBouncer in transaction mode, with its data in a temporary folder. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killWhenWeDie } from '../../../temporal-server/die-with-us.ts';
import { freePort } from '../../../temporal-server/ports.ts';

/** Sessions that PgBouncer keeps to the server: fewer than there are clients, so that they share them. */
const SESSIONS = 3;

/** Starts PgBouncer in front of the PostgreSQL on `port`. Rejects with what to install where the program is missing. */
export async function startPgBouncer(port: number): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'topcalls-pgbouncer-'));
  const ownPort = await freePort();
  const settings = join(folder, 'pgbouncer.ini');
  writeFileSync(
    settings,
    `[databases]
postgres = host=127.0.0.1 port=${port} user=topcalls
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${SESSIONS}
ignore_startup_parameters = extra_float_digits
`,
    { mode: 0o644 },
  );
  // PgBouncer refuses to run as root; it reads its settings before it changes the user.
  const asWhom = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('pgbouncer', [...asWhom, settings], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let words = '';
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error('the program pgbouncer cannot be started; on Debian: apt-get install pgbouncer', { cause })),
    );
    child.once('exit', () => reject(new Error(`pgbouncer ended at its start:\n${words}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      words += chunk.toString();
      if (words.includes('process up')) resolve();
    });
  });
  const unwatch = child.pid === undefined ? () => undefined : killWhenWeDie(child.pid);
  await ready;
  return {
    url: `postgres://topcalls@127.0.0.1:${ownPort}/postgres`,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      unwatch();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
