/** The parent's side of the demo's receiver: starts `receiver.ts` as a process, reports what came in, and ends it. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { CliError, EXIT } from '../process/exit.ts';
import type { Env } from '../../temporal-server/env.ts';
import { foreignEnv } from '../../temporal-server/foreign-env.ts';
import { orKilled } from '../../temporal-server/or-killed.ts';
import type { ReceivedWebhook, ReceiverMessage } from './receiver-messages.ts';

/** A receiver that listens. */
export type DemoReceiver = {
  /** The URL that webhooks go to. */
  readonly url: string;
  readonly pid: number;
  /** `Express` or `node:http`. */
  readonly framework: string;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
};

const READY_MS = 10_000;
const POLITE_MS = 2_000;

/** Starts a receiver on a free port of 127.0.0.1 that checks signatures with `secret`. Rejects with CliError. */
export async function startDemoReceiver(options: {
  readonly env: Env;
  readonly secret: string;
  readonly onRequest: (webhook: ReceivedWebhook) => void;
}): Promise<DemoReceiver> {
  const { env, secret, onRequest } = options;
  const child = fork(require.resolve('./receiver'), {
    // It loads Express where that is installed, which needs no secret but its own.
    env: { ...foreignEnv(env), WEBHOOK_SECRET: secret, PORT: '0' },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  child.on('message', (message: ReceiverMessage) => {
    if (message.kind === 'request') onRequest(message);
  });
  const { port, framework } = await listening(child, gone);
  return {
    url: `http://127.0.0.1:${port}/webhooks/call-complete`,
    pid: child.pid ?? 0,
    framework,
    stop: async () => {
      if (child.connected) child.disconnect();
      await orKilled(child, gone, POLITE_MS);
    },
  };
}

async function listening(child: ChildProcess, gone: Promise<void>) {
  const started = new Promise<Extract<ReceiverMessage, { kind: 'listening' }>>((resolve) => {
    child.on('message', (message: ReceiverMessage) => {
      if (message.kind === 'listening') resolve(message);
    });
  });
  const message = await orKilled(child, Promise.race([started, gone]), READY_MS);
  if (message !== undefined) return message;
  throw new CliError('demo_receiver', EXIT.failed, 'the demo receiver did not start; its own words stand above');
}
