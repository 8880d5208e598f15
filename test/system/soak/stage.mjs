/** Everything the soak plays on, each part a process of its own: Temporal on a file, PostgreSQL, workers, receiver, engine. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { built, CLI } from '../topology/built.mjs';
import { startArtifactsApi } from '../topology/engine.mjs';
import { startPostgres } from '../topology/postgres.mjs';
import { runToEnd, startProcess, untilReady } from '../topology/processes.mjs';
import { startProxy } from './tcp-proxy.mjs';
import { startWorker } from './worker-under-fire.mjs';

const { freePort } = built('cli/local-port');
const { startServerProcess } = built('cli/server-process');
const { temporalBinaries } = built('cli/temporal-binary');
const { SEARCH_ATTRIBUTES } = built('contract/names');

const WORKERS = 3;
/** Loopback is allowed to the workers, but for this address. */
const FORBIDDEN_HOST = '127.0.0.66';

/** Everything up. `closers` gets what `stopAll` of processes.mjs does not end, also where this stops half-way. */
export async function openStage({ folder, seed, note, say, closers }) {
  say('PostgreSQL: a new cluster');
  const postgres = await startPostgres(folder, { POSTGRES_USER: 'topcalls', POSTGRES_PASSWORD: 'soak' });
  const postgresProxy = await startProxy(() => `127.0.0.1:${postgres.port}`);
  say('Temporal: a development server on a file');
  const temporal = await startTemporal(folder, say);
  closers.push(() => temporal.stop());
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const secretsFile = join(folder, 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify({ main: secret }), { mode: 0o600 });
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    TOPCALLS_ARTIFACTS_URL: await startArtifactsApi(),
    TOPCALLS_SECRETS_FILE: secretsFile,
    TOPCALLS_DATABASE_URL: throughProxy(postgres.url, postgresProxy),
    TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
    TOPCALLS_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
    TOPCALLS_EGRESS_DENY_CIDRS: `${FORBIDDEN_HOST}/32`,
  };
  await runToEnd('db migrate', [process.execPath, CLI, 'db', 'migrate'], env);
  await watchStates(postgres.url);
  const receiver = await startReceiver({ folder, seed, secret });
  say(`${WORKERS} workers, each behind a proxy`);
  const names = Array.from({ length: WORKERS }, (_, index) => `worker-${index + 1}`);
  const workers = await Promise.all(
    names.map((name) => startWorker({ name, folder, env, temporalAddress: () => temporal.address, note })),
  );
  const engineProxy = await startProxy(() => temporal.address);
  return { postgres, postgresProxy, temporal, workers, engineProxy, receiver, env };
}

function throughProxy(url, { address }) {
  return Object.assign(new URL(url), { host: address }).href;
}

async function startTemporal(folder, say) {
  const tried = [];
  const found = temporalBinaries({ env: process.env, onProgress: say, tried });
  const { value } = await found.next();
  if (value === undefined) throw new Error(`no \`temporal\` program: ${tried.map(({ mend }) => mend).join('; ')}`);
  const options = {
    binary: value.path,
    env: process.env,
    port: await freePort(),
    dbFile: join(folder, 'temporal.db'),
    searchAttributes: SEARCH_ATTRIBUTES,
  };
  let running = await startServerProcess(options);
  return {
    address: running.address,
    kill: () => running.kill('SIGKILL'),
    restart: async () => {
      running = await startServerProcess(options);
    },
    stop: () => running.stop(),
  };
}

async function startReceiver({ folder, seed, secret }) {
  const file = fileURLToPath(new URL('receiver-process.mjs', import.meta.url));
  const env = {
    PATH: process.env.PATH,
    LOG: join(folder, 'receiver.jsonl'),
    WEBHOOK_SECRET: secret,
    SEED: String(seed + 2),
    FORBIDDEN_HOST,
  };
  const running = startProcess('receiver', folder, [process.execPath, file], { env, ipc: true });
  let ports;
  running.child.once('message', (message) => (ports = message));
  await untilReady(running, () => ports !== undefined, 30_000);
  const hooks = {
    receiver: `http://127.0.0.1:${ports.port}`,
    forbidden: `http://${FORBIDDEN_HOST}:${ports.forbiddenPort}`,
    dead: `http://127.0.0.1:${await freePort()}`,
  };
  /** Resolves as the next 2xx goes out, or after a while without one. */
  const nextTaken = () => {
    const taken = new Promise((resolve) => running.child.once('message', resolve));
    return Promise.race([taken, delay(10_000)]);
  };
  return { hooks, nextTaken };
}

/** The table holds one row a delivery, so a second final state would replace the first unseen: a trigger notes every one. */
async function watchStates(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`
    create table soak_states (webhook_id text, cycle int, state text, at timestamptz default clock_timestamp());
    create function soak_note() returns trigger language plpgsql as $$
    begin insert into public.soak_states values (new.webhook_id, new.cycle, new.state); return new; end $$;
    create trigger soak_note after insert or update on topcalls_webhooks.deliveries
      for each row execute function soak_note();`);
  await client.end();
}

/** The engine, which begins at once. `finish()` resolves when it has done what was under way. */
export function startEngine(folder, settings) {
  const file = fileURLToPath(new URL('engine-process.mjs', import.meta.url));
  const env = { PATH: process.env.PATH, SOAK_ENGINE: JSON.stringify({ ...settings, log: join(folder, 'ops.jsonl') }) };
  const running = startProcess('engine', folder, [process.execPath, file], { env, ipc: true });
  const ended = new Promise((resolve) => running.child.once('close', resolve));
  return {
    finish: async () => {
      if (running.isRunning()) running.child.send('stop');
      await ended;
      if (running.child.exitCode !== 0) throw new Error(`the engine failed:\n${running.log().slice(-2_000)}`);
    },
  };
}
