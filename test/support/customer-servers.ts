/**
 * The customers' servers of the system tests, in a process of their own. customer-servers-process.ts describes them.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../temporal-server/ports.ts';
import { startProcess, typescript, untilReady } from './processes.ts';
import type { SystemRun } from './system-run.ts';

/** The workers may reach loopback, except for this address. */
export const FORBIDDEN_HOST = '127.0.0.66';

export type CustomerServers = {
  /** Their log: lines of receiver-lines.ts. */
  readonly log: string;
  /** Bases of URLs. `receiver`: the path's first part says how a POST is answered. `dead`: nothing listens there. */
  readonly hooks: Readonly<Record<'receiver' | 'forbidden' | 'dead', string>>;
  /** Resolves when the next 2xx is sent, or after a while without one. */
  nextTaken(): Promise<void>;
};

/** Starts them. They verify with `secret`. `seed` decides for those that answer by chance. `host`: where the receiver
 *  listens, for workers that do not share our loopback. */
export async function startCustomerServers(
  run: SystemRun,
  { seed, secret, host = '127.0.0.1' }: { readonly seed: number; readonly secret: string; readonly host?: string },
): Promise<CustomerServers> {
  const log = join(run.folder, 'receiver.jsonl');
  const env = {
    PATH: process.env['PATH'],
    LOG: log,
    WEBHOOK_SECRET: secret,
    SEED: String(seed),
    HOST: host,
    FORBIDDEN_HOST,
  };
  const running = startProcess(run, 'receiver', typescript(join(__dirname, 'customer-servers-process.ts')), {
    env,
    ipc: true,
  });
  let ports: { readonly port: number; readonly forbiddenPort: number } | undefined;
  running.child.once('message', (message) => (ports = message as typeof ports));
  await untilReady(running, () => ports !== undefined);
  const hooks = {
    receiver: `http://${host}:${ports?.port}`,
    forbidden: `http://${FORBIDDEN_HOST}:${ports?.forbiddenPort}`,
    dead: `http://127.0.0.1:${await freePort()}`,
  };
  return {
    log,
    hooks,
    nextTaken: async () => {
      const taken = new Promise((resolve) => running.child.once('message', resolve));
      await Promise.race([taken, delay(10_000)]);
    },
  };
}
