/** Plays embed-in-nestjs: two processes of Nest, a real Temporal server, a receiver. */
import assert from 'node:assert/strict';
import { freePort } from '../../../temporal-server/ports.ts';
import { generateSecret } from '../../../receiver/index.ts';
import { openReceiver, type TestReceiver } from '../../../testing/index.ts';
import type { ExampleProject } from '../../support/example-project.ts';
import { startScript, type LiveCli } from '../../support/live-cli.ts';
import { findTemporalCli, startOwnServer } from '../../support/temporal-server.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A call is delivered and looked at. SIGTERM in the middle of a POST lets the POST end. Both processes end with 0. */
export async function playNest({ folder }: ExampleProject): Promise<void> {
  const server = await startOwnServer({ binary: await findTemporalCli((line) => console.error(line)) });
  const secret = generateSecret();
  const receiver = await openReceiver({ secret });
  const port = await freePort();
  const env = {
    TEMPORAL_ADDRESS: server.address,
    PORT: String(port),
    WEBHOOK_SECRET: secret,
    ALLOW_LOOPBACK_WEBHOOKS: 'yes',
  };
  const start = async (script: string, ready: RegExp): Promise<LiveCli> => {
    const process = startScript([script], env, folder);
    await process.says(ready);
    return process;
  };
  const engine = await start('dist/main.js', /engine: listening/);
  const worker = await start('dist/worker.js', /worker: polling/);
  try {
    await deliver(`http://127.0.0.1:${port}`, receiver);
    receiver.answer({ status: 200, delayMs: 2_000 });
    await end(`http://127.0.0.1:${port}`, 'call-2', receiver.url);
    const seen = await receiver.received(2, { timeoutMs: 60_000 });
    assert.equal(seen.length, 2);
    assert.equal(await worker.kill('SIGTERM'), 0, worker.output());
    // No worker is left. The attempt was in flight, and its outcome is known all the same.
    assert.equal(await stateOf(`http://127.0.0.1:${port}`, 'call-2'), 'delivered');
    assert.equal(await engine.kill('SIGTERM'), 0, engine.output());
  } finally {
    await Promise.all([worker.kill('SIGKILL'), engine.kill('SIGKILL')]);
    await receiver.close();
    await server.stop();
  }
}

async function deliver(engine: string, receiver: TestReceiver): Promise<void> {
  await end(engine, 'call-1', receiver.url);
  const [webhook] = await receiver.received(1, { timeoutMs: 60_000 });
  assert.equal(webhook?.verified?.ok, true, JSON.stringify(webhook?.verified));
  assert.equal(webhook?.body?.['call_id'], 'call-1');
  await waitFor('the end of call-1', async () => (await stateOf(engine, 'call-1')) === 'delivered');
}

async function end(engine: string, callId: string, webhook_url: string): Promise<void> {
  const call = {
    status: 'failed',
    phone_number: '+14155551234',
    from_phone_number: '+18005551234',
    created_at: '2026-01-31T10:30:00Z',
    account_id: 'acct_1',
    webhook_url,
  };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${engine}/calls/${callId}/end`, { method: 'POST', headers, body: JSON.stringify(call) });
  assert.deepEqual(
    [answer.status, await answer.json()],
    [201, { webhook: `call-webhook/${callId}`, alreadyReported: false }],
  );
}

async function stateOf(engine: string, callId: string): Promise<unknown> {
  const answer = await fetch(`${engine}/calls/${callId}/webhook`);
  return ((await answer.json()) as { readonly state?: unknown }).state;
}
