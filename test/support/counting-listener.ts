/**
 * Counts connections, on every address of this machine if wanted, and what this process itself dials. Jest runs many
 * files in one process, and a client of another file may still reconnect: only what `watchDials` began counts.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { httpAnswer } from './hostile-receiver.ts';

export type CountingListener = {
  readonly port: number;
  /** TCP connections accepted so far, IPv4 and IPv6. Every client is answered 200. */
  connections(): number;
  /** Sockets that `watchDials` has begun to open since the listener started, to any address. */
  dialled(): number;
  /** Targets of those sockets, each `address:port`, if they came as far as dialling one. */
  targets(): readonly string[];
  stop(): Promise<void>;
};

const watched = new AsyncLocalStorage<true>();

/** Does what may dial, under the eyes of every listener that runs. */
export function watchDials<T>(act: () => Promise<T>): Promise<T> {
  return watched.run(true, act);
}

/** Starts listening: by default on one free port of 127.0.0.0/8, ::1 and all other addresses at once. */
export async function startCountingListener({ port = 0, host = '::' } = {}): Promise<CountingListener> {
  let connections = 0;
  let dialled = 0;
  const targets: string[] = [];
  const onDial = (message: unknown): void => {
    if (!watched.getStore()) return;
    dialled += 1;
    const { socket } = message as { readonly socket: Socket };
    socket.on('connectionAttempt', (ip, to) => targets.push(`${ip}:${to}`));
  };
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).once('data', () => socket.end(httpAnswer('200 OK')));
  });
  server.listen(port, host);
  await once(server, 'listening');
  // Node reports every client socket before it connects.
  subscribe('net.client.socket', onDial);
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    dialled: () => dialled,
    targets: () => targets,
    async stop() {
      unsubscribe('net.client.socket', onDial);
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
