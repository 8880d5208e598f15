/** The package as people get it: packed, installed in empty hosts of each kind, embedded as the README shows. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import workerPackage from '@temporalio/worker/package.json';
import packageJson from '../../package.json';
import { verifyWebhook } from '../../receiver/index.ts';
import { SECRET } from '../support/builders.ts';
import { bytesIn, installHost, packPackage, run, type Host, type PackedPackage } from '../support/packed-package.ts';
import { startReceiver } from '../support/receiver.ts';
import { ROOT } from '../support/source-imports.ts';
import { devServer, startOwnServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';
import vector from '../vectors/seed-call-completed.json';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** The README's line that installs the package: the tarball's name, and the SDK's packages. */
const INSTALL = /npm install "\$OLDPWD"\/(?<tarball>\S+) @temporalio\/\{(?<peers>[\w,]+)\}/.exec(README)?.groups;
const PEERS = (INSTALL?.['peers'] ?? '').split(',').map((name) => `@temporalio/${name}@${workerPackage.version}`);

let packed: PackedPackage;
let engine: Host;
let customer: Host;

beforeAll(async () => {
  packed = await packPackage();
  // One after the other: both write npm's cache.
  customer = await installHost([packed.tarball]);
  engine = await installHost([packed.tarball, ...PEERS]);
}, 600_000);
afterAll(() => {
  for (const each of [engine, customer]) each?.remove();
});

/** The README's embedding in one process, with a receiver of its own. Prints the outcome as JSON. */
const EMBED = `
const requests = [];
const receiver = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const verified = verifyWebhook(Buffer.concat(chunks), request.headers, process.env.WEBHOOK_SECRET);
    requests.push(verified);
    response.writeHead(verified.ok ? 200 : 401).end();
  });
});

async function main() {
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { TEMPORAL_ADDRESS: address, TASK_QUEUE: taskQueue, CALL_ID: call_id, WEBHOOK_SECRET } = process.env;

  const connection = await NativeConnection.connect({ address });
  const artifacts = new MemoryArtifactSource();
  const secrets = new StaticSecrets({ acct_1: WEBHOOK_SECRET });
  const worker = await createWebhookWorker({ connection, taskQueue, artifacts, secrets, egress: LOOPBACK_EGRESS });

  const clientConnection = await Connection.connect({ address });
  const webhooks = new WebhookClient(new Client({ connection: clientConnection }), { taskQueue, settleDelayMs: 0 });
  artifacts.put(call_id, {
    recording: { status: 'ready', value: 'https://api.topcalls.ai/recordings/1.mp3' },
    transcript: { status: 'ready', value: [] },
    summary: { status: 'unavailable', reason: 'none' },
  });
  const handle = await webhooks.callEnded({
    call_id,
    status: 'completed',
    phone_number: '+14155551234',
    from_phone_number: '+18005551234',
    created_at: '2025-12-22T10:30:00Z',
    account_id: 'acct_1',
    webhook_url: \`http://127.0.0.1:\${receiver.address().port}/webhooks/call-complete\`,
  });
  const result = await worker.runUntil(handle.result());
  await connection.close();
  await clientConnection.close();
  receiver.close();
  console.log(JSON.stringify({ result, requests }));
}

main().catch((error) => {
  console.error(error);
  // Receiver and connections are open still.
  process.exit(1);
});
`;
const NAMES = {
  'node:http': 'http',
  '@temporalio/client': '{ Client, Connection }',
  '@temporalio/worker': '{ NativeConnection }',
  '@topcalls/webhooks/client': '{ WebhookClient }',
  '@topcalls/webhooks/worker': '{ createWebhookWorker, LOOPBACK_EGRESS }',
  '@topcalls/webhooks/adapters': '{ MemoryArtifactSource, StaticSecrets }',
  '@topcalls/webhooks/receiver': '{ verifyWebhook }',
};
const requires = Object.entries(NAMES).map(([name, what]) => `const ${what} = require('${name}');\n`);
const imports = Object.entries(NAMES).map(([name, what]) => `import ${what} from '${name}';\n`);

describe('the README', () => {
  const [, snippet = ''] = /<!-- runs in \S+ -->\n```ts\n([\s\S]*?)```/.exec(README) ?? [];

  test('installs the tarball that npm pack makes, and every peer of the SDK that runs need', () => {
    expect(INSTALL?.['tarball']).toBe(basename(packed.tarball));
    // That of the tests is for `openVirtualTime` of ./testing alone.
    const peers = Object.keys(packageJson.peerDependencies).filter(
      (name) => name.startsWith('@temporalio/') && name !== '@temporalio/testing',
    );
    expect(PEERS.map((peer) => peer.replace(/@[^@]*$/, ''))).toEqual(peers);
  });

  test.concurrent('has a first snippet that delivers when pasted, with its inputs from the environment', async () => {
    const receiver = await startReceiver(200);
    // Its task queue is the default one. On the shared server the command `dev` of another test polls that.
    const server = await startOwnServer();
    const program = join(engine.folder, 'readme.mjs');
    writeFileSync(program, snippet);
    const env = { TEMPORAL_ADDRESS: server.address, WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET };
    const child = spawn(process.execPath, [program], { cwd: engine.folder, env: { ...process.env, ...env } });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    try {
      const request = await Promise.race([receiver.received(1), exited.then(() => Promise.reject(new Error(said)))]);
      expect(verifyWebhook(request.body, request.headers, SECRET)).toMatchObject({ ok: true, event: 'call.completed' });
      await waitFor('the outcome on the console', () => said.includes("state: 'delivered'"));
      // As Ctrl-C does.
      child.kill('SIGINT');
      expect([await exited, receiver.requests.length]).toEqual([0, 1]);
    } finally {
      child.kill('SIGKILL');
      await receiver.close();
      await server.stop();
    }
  });

  test.concurrent('has a first snippet that compiles, strictly', async () => {
    writeFileSync(join(engine.folder, 'readme.mts'), snippet);
    const typescript = join(ROOT, 'node_modules/typescript/bin/tsc');
    const types = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node'];
    const strict = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
    await run(engine.folder, process.execPath, [typescript, ...strict, ...types, 'readme.mts']);
  });
});

describe('a host with the SDK', () => {
  test.concurrent.each([
    ['CommonJS', 'commonjs', 'embed.cjs', requires],
    ['ESM', 'esm', 'embed.mjs', imports],
  ])('in %s delivers a call as the README shows, by public doors alone', async (_kind, folder, file, head) => {
    const env = {
      TEMPORAL_ADDRESS: devServer().address,
      TASK_QUEUE: `package-${folder}-${Date.now()}`,
      CALL_ID: `package-${folder}-${Date.now()}`,
      WEBHOOK_SECRET: SECRET,
    };
    const said = await engine.script(`${folder}/${file}`, head.join('') + EMBED, env);
    const { result, requests } = JSON.parse(said.trim().split('\n').at(-1) ?? '') as {
      result: { state: string; artifacts: object };
      requests: object[];
    };
    expect(result).toMatchObject({
      state: 'delivered',
      artifacts: { recording: 'ready', transcript: 'ready', summary: 'unavailable' },
    });
    expect(requests).toMatchObject([{ ok: true, event: 'call.completed' }]);
  });

  test('has one copy of the SDK', () => {
    const inside = join(engine.folder, 'node_modules/@topcalls/webhooks/node_modules');
    expect(existsSync(inside) ? readdirSync(inside) : []).toEqual([]);
  });

  test.concurrent('loads the bundle that holds its converters, and bundles at start for workflow code of its own', async () => {
    const said = await engine.script(
      'bundles.cjs',
      `const { encryptedDataConverter, generateEncryptionKey } = require('@topcalls/webhooks/codec');
       const { workflowCode } = require('./node_modules/@topcalls/webhooks/dist/worker/workflow-code.js');
       const dataConverter = encryptedDataConverter({ keys: { k1: generateEncryptionKey() }, activeKeyId: 'k1' });
       const hosts = {
         nothing: {},
         activityInterceptors: { interceptors: { activity: [] } },
         encrypted: { dataConverter },
         failureConverter: { dataConverter: { failureConverterPath: '/own' } },
         payloadConverter: { dataConverter: { ...dataConverter, payloadConverterPath: '/own' } },
         workflowInterceptors: { interceptors: { workflowModules: ['/own'] } },
         bundler: { bundlerOptions: { ignoreModules: ['own'] } },
         plugins: { plugins: [{ name: 'own' }] },
       };
       const loaded = Object.entries(hosts).map(([name, host]) => {
         const code = workflowCode(() => 'sources', host);
         return [name, (code.workflowBundle?.codePath ?? code.workflowsPath).split('/').at(-1)];
       });
       console.log(JSON.stringify(Object.fromEntries(loaded)));`,
    );
    expect(JSON.parse(said)).toEqual({
      nothing: 'workflow-bundle.js',
      activityInterceptors: 'workflow-bundle.js',
      encrypted: 'workflow-bundle-encrypted.js',
      failureConverter: 'sources',
      payloadConverter: 'sources',
      workflowInterceptors: 'sources',
      bundler: 'sources',
      plugins: 'sources',
    });
  });

  test.concurrent('may be bundled into one file: it names the workflow bundle, or is told to', async () => {
    // webpack comes with the SDK. Packages of the SDK stay outside, for they hold native code. pg and kysely are
    // optional, and not installed here.
    await engine.script(
      'bundle.cjs',
      `const webpack = require('webpack');
       const fs = require('node:fs');
       fs.mkdirSync('one-file', { recursive: true });
       fs.writeFileSync('host.cjs', ${JSON.stringify(requires.join('') + EMBED.replace('connection, taskQueue,', 'connection, taskQueue, temporal,').replace('const artifacts', 'const { BUNDLE } = process.env;\n  const temporal = BUNDLE ? { workflowBundle: { codePath: BUNDLE } } : {};\n  const artifacts'))});
       const isSdk = (request) => /^@temporalio\\//.test(request);
       const sdk = ({ request }, done) => (isSdk(request) ? done(null, 'commonjs ' + request) : done());
       const output = { path: process.cwd() + '/one-file', filename: 'host.cjs' };
       const node = { __dirname: false, __filename: false };
       const settings = { mode: 'none', target: 'node', entry: './host.cjs', externals: [sdk], output, node };
       webpack({ ...settings, ignoreWarnings: [/./] }, (error, stats) => {
         if (error || stats.hasErrors()) { console.error(error ?? stats.toString('errors-only')); process.exit(1); }
       });`,
    );
    const env = {
      TEMPORAL_ADDRESS: devServer().address,
      TASK_QUEUE: `package-bundled-${Date.now()}`,
      CALL_ID: `package-bundled-${Date.now()}`,
      WEBHOOK_SECRET: SECRET,
    };
    const start = (more = {}): Promise<string> =>
      run(engine.folder, process.execPath, ['one-file/host.cjs'], { ...env, ...more });
    await expect(start()).rejects.toThrow(
      /bundled into one file.*Give createWebhookWorker temporal: \{ workflowBundle/,
    );
    const resolve = `console.log(require.resolve('@topcalls/webhooks/workflow-bundle'))`;
    const bundle = (await engine.script('resolve.cjs', resolve)).trim();
    expect(bundle).toMatch(/workflow-bundle\.js$/);
    const said = await start({ BUNDLE: bundle });
    expect(JSON.parse(said.trim().split('\n').at(-1) ?? '')).toMatchObject({ result: { state: 'delivered' } });
  });

  test('loads by ./client nothing of the worker', async () => {
    const loaded = await packagesLoadedBy(engine, '@topcalls/webhooks/client');
    expect(loaded).toEqual(expect.arrayContaining(['@temporalio/client', 'zod']));
    expect(
      loaded.filter((name) => /^(@temporalio\/(worker|core-bridge|activity)|undici|pino|commander)$/.test(name)),
    ).toEqual([]);
  });
});

describe('a host without the SDK', () => {
  test('verifies a signature by ./receiver', async () => {
    const { body, secret } = vector;
    const headers = { 'webhook-id': vector['webhook-id'], 'x-topcalls-signature': vector['x-topcalls-signature'] };
    const said = await customer.script(
      'verify.cjs',
      `const { verifyWebhook } = require('@topcalls/webhooks/receiver');
       const { body, headers, secret } = ${JSON.stringify({ body, headers, secret })};
       const verify = (text) => verifyWebhook(text, headers, secret, { allowBodyOnlySignature: true });
       console.log(JSON.stringify([verify(body), verify(body + ' ')]));`,
    );
    expect(JSON.parse(said)).toMatchObject([{ ok: true }, { ok: false, code: expect.any(String) }]);
  });

  test('verifies one in ESM, too', async () => {
    const said = await customer.script(
      'verify.mjs',
      `import { verifyWebhook } from '@topcalls/webhooks/receiver';
       console.log(verifyWebhook('{}', {}, 'secret').ok);`,
    );
    expect(said.trim()).toBe('false');
  });

  test('loads by ./receiver no package at all', async () => {
    expect(await packagesLoadedBy(customer, '@topcalls/webhooks/receiver')).toEqual(['@topcalls/webhooks']);
  });

  test('loads by ./receiver zod, once checkEvent is called, and nothing else', async () => {
    const said = await customer.script(
      'check.cjs',
      `const { checkEvent } = require('@topcalls/webhooks/receiver');
       checkEvent(${vector.body}).then(({ ok }) => console.log(JSON.stringify({ ok, files: Object.keys(require.cache) })));`,
    );
    const { ok, files } = JSON.parse(said) as { ok: boolean; files: string[] };
    // The vendor's sample names no event.
    expect(ok).toBe(false);
    expect(packageNames(files)).toEqual(['@topcalls/webhooks', 'zod']);
  });

  test('loads by ./receiver little code: at most 40 files and 100 KB, and of node only its crypto', async () => {
    const said = await customer.script(
      'files.cjs',
      `const Module = require('node:module');
       const builtins = new Set();
       const load = Module._load;
       Module._load = (name, ...rest) => {
         if (Module.isBuiltin(name)) builtins.add(name);
         return load(name, ...rest);
       };
       require('@topcalls/webhooks/receiver');
       console.log(JSON.stringify({ files: Object.keys(require.cache), builtins: [...builtins].sort() }));`,
    );
    const { files, builtins } = JSON.parse(said) as { files: string[]; builtins: string[] };
    const own = files.filter((file) => file.includes('@topcalls'));
    const bytes = own.reduce((sum, file) => sum + statSync(file).size, 0);
    // How long that takes is measured by bench/speed.ts.
    expect(own.length).toBeLessThanOrEqual(40);
    expect(bytes).toBeLessThan(100_000);
    expect(builtins).toEqual(['node:crypto']);
  });

  test('has a command that sends a test webhook, shows help, and says in one line what else needs the SDK', async () => {
    const bin = join(customer.folder, 'node_modules', '.bin', 'topcalls-webhooks');
    const command = (...args: readonly string[]) => {
      const env = { ...process.env, WEBHOOK_SECRET: SECRET };
      return new Promise<{ code: number | null; said: string }>((resolve) => {
        const child = spawn(bin, args, { cwd: customer.folder, env });
        let said = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
        child.once('close', (code) => resolve({ code, said }));
      });
    };
    const receiver = await startReceiver(200);
    expect(await command('send-test', receiver.url)).toMatchObject({
      code: 0,
      said: expect.stringContaining('delivered'),
    });
    expect(receiver.requests[0]?.headers['webhook-signature']).toMatch(/^v1,/);
    await receiver.close();
    expect(await command('--help')).toMatchObject({ code: 0, said: expect.stringContaining('Exit codes') });
    const { code, said } = await command('setup');
    expect([code, said.trim().split('\n')]).toEqual([
      1,
      [expect.stringMatching(/^error: @temporalio\/\S+ is not installed/)],
    ]);
  });

  test('has installed no native code', () => {
    const files = readdirSync(join(customer.folder, 'node_modules'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => /\.node$|(^|\/)binding\.gyp$/.test(name))).toEqual([]);
  });

  test('loads by ./contract zod alone', async () => {
    expect(await packagesLoadedBy(customer, '@topcalls/webhooks/contract')).toEqual(['@topcalls/webhooks', 'zod']);
  });

  test('finds the published contract, and no copies of what was released before', async () => {
    const said = await customer.script(
      'contract.cjs',
      `const openapi = require('@topcalls/webhooks/contract/published/openapi.json');
       const schema = require('@topcalls/webhooks/contract/published/schemas/call.completed.schema.json');
       const sample = require('@topcalls/webhooks/contract/published/samples/call.completed.json');
       console.log(JSON.stringify([Object.keys(openapi.webhooks).length, schema.title, sample.duration]));`,
    );
    expect(JSON.parse(said)).toEqual([8, 'CallCompleted', 2.5]);
    const published = join(customer.folder, 'node_modules/@topcalls/webhooks/contract/published');
    expect(readdirSync(published).sort()).toEqual(['openapi.json', 'reports', 'samples', 'schemas']);
  });

  test('has installed at most 20 MB, and nothing of Temporal', () => {
    const modules = join(customer.folder, 'node_modules');
    expect(existsSync(join(modules, '@temporalio'))).toBe(false);
    expect(bytesIn(modules)).toBeLessThan(20_000_000);
  });
});

describe('the tarball', () => {
  test('passes publint --strict', async () => {
    await run(packed.folder, process.execPath, [bin('publint', 'publint'), '--strict']);
  });

  test('has types that every resolver finds (attw)', async () => {
    const attw = bin('@arethetypeswrong/cli', 'attw');
    await run(packed.folder, process.execPath, [attw, packed.tarball, '--profile', 'node16']);
  });

  test('brings two workflow bundles, made with the installed SDK, below 1.8 MB: one of them encodes failures', () => {
    const bundle = join(packed.folder, 'dist/workflow-bundle.js');
    const encrypted = join(packed.folder, 'dist/workflow-bundle-encrypted.js');
    for (const path of [bundle, encrypted]) expect(statSync(path).size).toBeLessThan(1_800_000);
    expect(readFileSync(bundle, 'utf8')).not.toContain('encodeCommonAttributes: true');
    expect(readFileSync(encrypted, 'utf8')).toContain('encodeCommonAttributes: true');
    const facts: unknown = JSON.parse(readFileSync(join(packed.folder, 'dist/workflow-bundle.json'), 'utf8'));
    expect(facts).toEqual({ version: workerPackage.version });
    expect(existsSync(join(engine.folder, 'node_modules/@topcalls/webhooks/dist/workflow-bundle.js'))).toBe(true);
  });

  test('weighs at most 2.5 MB, with the pages, their pictures, examples and vectors in it', () => {
    const inside = join(customer.folder, 'node_modules/@topcalls/webhooks');
    for (const path of ['docs/img/list.png', 'examples/README.md', 'test/vectors/languages/verify.py'])
      expect([path, existsSync(join(inside, path))]).toEqual([path, true]);
    expect(statSync(packed.tarball).size).toBeLessThanOrEqual(2_500_000);
  });

  test('holds no tests, no sources and no path of the machine that built it', () => {
    const inside = join(customer.folder, 'node_modules/@topcalls/webhooks');
    const files = readdirSync(inside, { recursive: true, encoding: 'utf8' });
    // What the pages link to is neither test nor source of ours: the vectors, and examples, one of them in
    // TypeScript.
    const ours = files.filter((name) => !/^(?:examples|test\/vectors)\//.test(name) && name !== 'test/vectors');
    expect(ours.filter((name) => /(^|\/)(test|bench|examples)\/|(?<!\.d)\.ts$/.test(name))).toEqual([]);
    // Examples of a host's unit tests are tests, and the one in TypeScript is compiled.
    const others = files.filter((name) => !/^examples\/(?:testing-\w+|embed-in-nestjs)\//.test(name));
    expect(others.filter((name) => /\.test\.[jt]s$|(^|\/)tsconfig/.test(name))).toEqual([]);
    expect(files.filter((name) => name.includes('/node_modules/'))).toEqual([]);
    // Not in the bundles: the SDK's bundler writes the paths of its sources into the map.
    const texts = files.filter((name) => /\.(js|json|ts|map)$/.test(name) && !name.startsWith('dist/workflow-bundle'));
    const hasPath = (name: string): boolean => {
      const text = readFileSync(join(inside, name), 'utf8');
      // It was compiled in one copy of the tree, and packed in another one beside it.
      return text.includes(ROOT) || text.includes(dirname(packed.folder));
    };
    expect(texts.filter(hasPath)).toEqual([]);
  });
});

/** Names of the packages that one require loads, including ours. */
async function packagesLoadedBy(host: Host, door: string): Promise<string[]> {
  const said = await host.script(
    'loaded.cjs',
    `require('${door}'); console.log(JSON.stringify(Object.keys(require.cache)));`,
  );
  return packageNames(JSON.parse(said) as string[]);
}

function packageNames(files: readonly string[]): string[] {
  const names = files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** The script behind a command of an installed package. */
function bin(name: string, command: string): string {
  const folder = join(ROOT, 'node_modules', name);
  const { bin: commands } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  return join(folder, typeof commands === 'string' ? commands : (commands[command] ?? ''));
}
