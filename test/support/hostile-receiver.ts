/**
 * Receivers that misbehave on the wire: raw TCP or TLS servers on loopback, so that they can send what no HTTP library
 * would. Used by the tests of the sending side.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';

/** What a receiver does with one connection. `requestSeen` resolves at the first byte of the request. */
export type Behaviour = (socket: Socket, requestSeen: Promise<unknown>) => void | Promise<void>;

/** A running receiver on 127.0.0.1. */
export type HostileReceiver = {
  readonly port: number;
  /** TCP connections accepted so far. */
  connections(): number;
  /** Connections that are open at this end now. */
  open(): number;
  /** Everything received so far, all connections in a row. */
  received(): string;
  /** Resolves once every connection is closed; rejects after 20 s. */
  allClosed(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts a receiver. With `tls` options it speaks TLS, and `behave` sees only connections with a finished handshake.
 */
export async function startReceiver(behave: Behaviour, tls?: TlsOptions): Promise<HostileReceiver> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let received = '';
  const serve = (socket: Socket): void => {
    const requestSeen = once(socket, 'data').catch(() => undefined);
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    void behave(socket, requestSeen);
  };
  const server: Server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  // `connection` is emitted for every TCP connection, even if its TLS handshake fails.
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(socket);
        if (sockets.size === 0) server.emit('all-closed', true);
      });
  });
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    open: () => sockets.size,
    received: () => received,
    async allClosed() {
      const deadline = setTimeout(() => server.emit('all-closed', false), 20_000);
      for (const socket of sockets) socket.resume();
      const [closed] = sockets.size === 0 ? [true] : await once(server, 'all-closed');
      clearTimeout(deadline);
      if (closed !== true) throw new Error(`${sockets.size} connection(s) still open 20 s after the attempt`);
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** Waits for the request, then writes `texts` one after the other. With `thenEnd` it closes its side. */
export function answering(texts: readonly string[], { thenEnd = false } = {}): Behaviour {
  return async (socket, requestSeen) => {
    await requestSeen;
    for (const text of texts) socket.write(text, 'latin1');
    if (thenEnd) socket.end();
  };
}

/** Waits for the request, writes `head`, then `piece` every `everyMs` until the connection is gone. */
export function dripping(head: string, piece: string, everyMs: number): Behaviour {
  return async (socket, requestSeen) => {
    await requestSeen;
    socket.write(head, 'latin1');
    const timer = setInterval(() => socket.write(piece, 'latin1'), everyMs);
    socket.on('close', () => clearInterval(timer));
  };
}

/** Waits for the request, writes `head`, then `piece` as fast as the connection takes it. */
export function flooding(head: string, piece: string): Behaviour {
  return async (socket, requestSeen) => {
    await requestSeen;
    socket.write(head, 'latin1');
    const pour = (): void => {
      while (!socket.destroyed && socket.write(piece, 'latin1'));
    };
    socket.on('drain', pour);
    pour();
  };
}

/** An answer with `Content-Length`, well formed. */
export function httpAnswer(statusLine: string, { headers = '', body = '' } = {}): string {
  return `HTTP/1.1 ${statusLine}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
