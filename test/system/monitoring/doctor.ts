/**
 * `topcalls-webhooks doctor --listen`, scraped through a cache. The doctor asks the server, which takes some seconds
 * when that does not answer, and times are short here. So Prometheus gets the last text, as from a textfile collector.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../temporal-server/ports.ts';
import type { Env } from '../../../temporal-server/env.ts';
import { DIST_CLI, startProcess, untilReady } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';

export type Doctor = {
  /** Where Prometheus asks. */
  readonly address: string;
  /** Nobody runs a doctor while it is true. */
  isAway: boolean;
};

/** Longer than the doctor takes without a server. */
const KEPT_MS = 60_000;

export async function startDoctor(run: SystemRun, env: Env): Promise<Doctor> {
  const listen = `127.0.0.1:${await freePort()}`;
  const args = ['doctor', '--listen', listen, '--interval', '1s'];
  const running = startProcess(run, 'doctor', [process.execPath, DIST_CLI, ...args], { env });
  const last = { text: '', atMs: 0 };
  const state = { isOver: false };
  const look = async (): Promise<void> => {
    const response = await fetch(`http://${listen}/metrics`).catch(() => undefined);
    if (response?.ok !== true) return;
    last.text = await response.text();
    last.atMs = Date.now();
  };
  await untilReady(running, async () => {
    await look();
    return last.text !== '';
  });
  const asking = (async () => {
    while (!state.isOver) {
      await look();
      await delay(2_000);
    }
  })();
  const doctor = { address: '', isAway: false };
  const server = createServer((_request, response) => {
    const isThere = !doctor.isAway && Date.now() - last.atMs < KEPT_MS;
    response.writeHead(isThere ? 200 : 503, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(isThere ? last.text : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  run.closers.push(async () => {
    state.isOver = true;
    server.closeAllConnections();
    server.close();
    await asking;
  });
  doctor.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return doctor;
}
