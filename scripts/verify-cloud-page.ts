/**
 * Runs the commands of docs/cloud.md as they stand there, against two TLS servers. One wants an API key and refuses
 * administration, as Temporal Cloud does. The other wants client certificates. Behind both is a real server.
 * Called by .ci/run. Needs the build in dist/.
 */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aFailedCall, SECRET } from '../test/support/builders.ts';
import { RECEIVER_KEY, TEST_AUTHORITY, VALID_CERTIFICATE } from '../test/support/hostile-certificates.ts';
import { DIST_CLI, runToEnd, startProcess } from '../test/support/processes.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { runScript } from '../test/support/run-script.ts';
import { ROOT } from '../test/support/source-imports.ts';
import { playInFolder, type SystemRun } from '../test/support/system-run.ts';
import { findTemporalCli, startOwnServer } from '../test/support/temporal-server.ts';
import { startTlsFront, type TlsFront } from '../test/support/tls-front.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { LOOPBACK_ENV } from '../test/support/worker-process.ts';

const PAGE = readFileSync(join(ROOT, 'docs/cloud.md'), 'utf8');
const NAMESPACE = 'webhooks.a1b2c';
const API_KEY = 'a-key-of-this-run';
const MODES = ['key', 'certificate'] as const;
type Mode = (typeof MODES)[number];

/** The blocks of the page that are to run, by their names. Every other one must be Temporal's own. */
function blocksOf(page: string): ReadonlyMap<string, string> {
  const blocks = new Map<string, string>();
  for (const [, name, language, code = ''] of page.matchAll(
    /(?:<!-- runs in scripts\/verify-cloud-page\.ts: (\w+) -->\n)?```(\w*)\n(.*?)```/gs,
  )) {
    if (name !== undefined) blocks.set(name, code);
    else assert.match(code, /^tcld /, `a block of docs/cloud.md (${language}) that does not run here`);
  }
  return blocks;
}

void runScript(async () => {
  if (!existsSync(DIST_CLI)) throw new Error('dist/ is not there: npm run build');
  const say = (line: string): void => console.log(line);
  const tidy = (folder: string): void => rmSync(folder, { recursive: true, force: true });
  const ended = await playInFolder({ name: 'cloud-page', say, tidy }, async (run) => {
    const blocks = blocksOf(PAGE);
    const binary = await findTemporalCli(say);
    const server = await startOwnServer({ binary, args: ['--namespace', NAMESPACE] });
    run.closers.push(() => server.stop());
    for (const mode of MODES) {
      const lock = mode === 'key' ? { apiKey: API_KEY } : ({ certificate: true } as const);
      const refuses = mode === 'key' ? /OperatorService/ : /^$/;
      const front = await startTlsFront(lock, { behind: server.address, refuses });
      run.closers.push(() => front.close());
      await play(run, blocks, mode, front);
    }
    return true;
  });
  return ended === undefined ? 130 : 0;
});

async function play(run: SystemRun, blocks: ReadonlyMap<string, string>, mode: Mode, front: TlsFront): Promise<void> {
  const { folder } = run;
  const replaced = {
    ...filesIn(folder),
    'temporal.internal': 'hooks.example.com',
    'webhooks.a1b2c.tmprl.cloud:7233': front.address,
  };
  const block = (name: string): string => {
    const text = blocks.get(name);
    assert.ok(text, `docs/cloud.md has no block ${name}`);
    return Object.entries(replaced).reduce((code, [from, to]) => code.replaceAll(from, to), text);
  };
  const where = `${block(mode)}${block('own')}`;
  const shell = (code: string): readonly string[] => ['bash', '-euo', 'pipefail', '-c', `${where}${code}`];
  const env = environment(folder);
  const output = async (name: string): Promise<string> =>
    (await runToEnd(`block ${name}`, shell(block(name)), env)).stdout;

  const checked = await output('ours');
  assert.match(checked, /^ok\tsearch attributes\tall 5$/m);
  const worker = startProcess(run, `worker-${mode}`, shell(`exec ${block('worker')}`), { env });
  await waitFor('the worker', () => worker.log().includes('worker.ready'));
  const receiver = await startReceiver(200);
  run.closers.push(() => receiver.close());
  const result = await report(where, block('engine'), env, aFailedCall({ webhook_url: receiver.url }));
  assert.equal(result.state, 'delivered');
  assert.equal(receiver.requests.length, 1);
  assert.match(await output('after'), /workers poll|worker polls/);
  assert.equal(await worker.end('SIGTERM'), 0, worker.log());

  for (const shown of front.seen) {
    if (mode === 'key') assert.equal(shown.authorization, `Bearer ${API_KEY}`);
    else assert.equal(shown.clientName, 'receiver');
    assert.equal(shown.serverName, 'hooks.example.com');
  }
  const paths = new Set(front.seen.map(({ path }) => path.split('/').at(-1)));
  for (const path of ['PollActivityTaskQueue', 'StartWorkflowExecution', 'DescribeTaskQueue'])
    assert.ok(paths.has(path), path);

  // What the page says of a connection that does not come about.
  const change =
    mode === 'key'
      ? 'TEMPORAL_API_KEY=old'
      : 'unset TEMPORAL_TLS_CLIENT_CERT_PATH TEMPORAL_TLS_CLIENT_KEY_PATH TEMPORAL_API_KEY';
  const words = mode === 'key' ? /refused namespace .*check TEMPORAL_API_KEY/ : /no Temporal server at/;
  await assert.rejects(runToEnd('a wrong key', shell(`${change}\ntopcalls-webhooks worker --check\n`), env), words);
  run.say(`docs/cloud.md by ${mode}: every command ran, ${front.seen.length} requests were let in`);
}

/** The page's files, as they are here. */
function filesIn(folder: string): Readonly<Record<string, string>> {
  const files = {
    'ca.pem': TEST_AUTHORITY,
    'client.pem': VALID_CERTIFICATE,
    'client.key': RECEIVER_KEY,
    'temporal-api-key': `${API_KEY}\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return Object.fromEntries(Object.keys(files).map((name) => [`/etc/webhooks/${name}`, join(folder, name)]));
}

/** A worker's environment, with the built command on the PATH. */
function environment(folder: string): NodeJS.ProcessEnv {
  const programs = join(folder, 'bin');
  mkdirSync(programs, { recursive: true });
  const command = join(programs, 'topcalls-webhooks');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${DIST_CLI}' "$@"\n`);
  chmodSync(command, 0o755);
  const secrets = join(folder, 'secrets.json');
  writeFileSync(secrets, JSON.stringify({ main: SECRET }), { mode: 0o600 });
  const { PATH = '', HOME } = process.env;
  return {
    PATH: `${programs}:${PATH}`,
    HOME,
    TOPCALLS_ARTIFACTS_URL: 'none',
    TOPCALLS_DATABASE_URL: 'none',
    TOPCALLS_SECRETS_FILE: secrets,
    ...LOOPBACK_ENV,
  };
}

/** Runs the engine's code of the page, and reports one call with it. */
async function report(
  where: string,
  code: string,
  env: NodeJS.ProcessEnv,
  call: object,
): Promise<{ readonly state: string }> {
  // Below dist/, where the package finds itself by its name.
  const file = join(ROOT, 'dist', `cloud-page-${process.pid}.mjs`);
  writeFileSync(
    file,
    `${code}
const handle = await webhooks.callEnded(JSON.parse(process.env.CALL));
console.log(JSON.stringify(await handle.result()));
await connection.close();
`,
  );
  try {
    const script = `${where}exec '${process.execPath}' '${file}'`;
    const { stdout } = await runToEnd('the engine', ['bash', '-euo', 'pipefail', '-c', script], {
      ...env,
      CALL: JSON.stringify(call),
    });
    return JSON.parse(stdout) as { readonly state: string };
  } finally {
    rmSync(file, { force: true });
  }
}
