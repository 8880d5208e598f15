/** The example's call engine and its worker as processes, with a Temporal server and a PostgreSQL of their own. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../temporal-server/ports.ts';
import { verifyWebhook } from '../../receiver/index.ts';
import type { ExampleProject } from './example-project.ts';
import { startScript, type LiveCli } from './live-cli.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import type { ReceivedRequest } from './receiver.ts';
import { startOwnServer, type OwnServer } from './temporal-server.ts';

/** What the API answered. */
export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

export type CallEngine = {
  readonly temporal: OwnServer;
  readonly postgres: TestPostgres;
  readonly url: string;
  readonly account: { readonly account_id: string; readonly webhook_secret: string };
  post(path: string, body?: object): Promise<Answer>;
  /** The state that `GET /calls/:id/webhook` tells. */
  state(callId: string): Promise<unknown>;
  /** Creates a call with this endpoint, ends it, and gives its id. */
  endedCall(webhookUrl: string, status: 'completed' | 'failed'): Promise<string>;
  /** The payload of a request, verified with the account's secret. Throws if it does not verify. */
  verified(request: ReceivedRequest | undefined): Record<string, unknown>;
  killEngine(): Promise<unknown>;
  /** Starts Temporal again, empty, as after the end of the retention. */
  forgetRuns(): Promise<void>;
  startEngine(): Promise<void>;
  close(): Promise<void>;
};

/** A completed call settles for 5 s. Its last artifact is ready 7 s after its end, so the source is asked twice. */
const SETTINGS = {
  INTERNAL_TOKEN: 'the engine and its worker',
  ALLOW_LOOPBACK_WEBHOOKS: 'yes',
  WEBHOOK_SETTLE_DELAY_MS: '5000',
  ARTIFACTS_AFTER_MS: '7000',
};

/** Starts everything and makes an account. The server keeps its runs in a file, so they survive its restart. */
export async function startCallEngine(project: ExampleProject): Promise<CallEngine> {
  const dbFile = join(project.folder, 'temporal.db');
  const [temporal, postgres, port] = await Promise.all([startOwnServer({ dbFile }), startPostgres(), freePort()]);
  const env = { ...SETTINGS, TEMPORAL_ADDRESS: temporal.address, DATABASE_URL: postgres.url, PORT: String(port) };
  const url = `http://127.0.0.1:${port}`;
  const start = async (script: string, ready: RegExp): Promise<LiveCli> => {
    const process = startScript([script], env, project.folder);
    await process.says(ready);
    return process;
  };
  let engine = await start('engine.js', /engine: listening/);
  const worker = await start('worker.js', /worker: polling/);

  const post = async (path: string, body: object = {}): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const account = (await post('/accounts')).body as CallEngine['account'];
  return {
    temporal,
    postgres,
    url,
    account,
    post,
    state: async (callId) => {
      const answer = await fetch(`${url}/calls/${callId}/webhook`);
      return ((await answer.json()) as { state?: unknown }).state;
    },
    endedCall: async (webhook_url, status) => {
      const { account_id } = account;
      const numbers = { phone_number: '+14155551234', from_phone_number: '+18005551234' };
      const created = await post('/calls', { account_id, ...numbers, webhook_url });
      const { call_id } = created.body;
      const ended = await post(`/calls/${String(call_id)}/end`, { status });
      if (ended.status !== 200) throw new Error(`the call did not end: ${JSON.stringify(ended)}`);
      return String(call_id);
    },
    verified: (request) => {
      const verified = verifyWebhook(request?.body ?? '', request?.headers ?? {}, account.webhook_secret);
      if (!verified.ok) throw new Error(`${verified.code}: ${verified.fix}`);
      return verified.payload;
    },
    killEngine: () => engine.kill('SIGKILL'),
    forgetRuns: async () => {
      await temporal.kill('SIGKILL');
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${dbFile}${suffix}`, { force: true });
      await temporal.restart();
    },
    startEngine: async () => {
      engine = await start('engine.js', /engine: listening/);
    },
    close: async () => {
      // As an orchestrator ends them: both have to stop by themselves.
      const codes = await Promise.all([engine.kill('SIGTERM'), worker.kill('SIGTERM')]);
      await Promise.all([temporal.stop(), postgres.close()]);
      if (codes.some((code) => code !== 0)) throw new Error(`engine and worker ended with ${codes.join(' and ')}`);
    },
  };
}
