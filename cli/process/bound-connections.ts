/**
 * Bounds the connections of a command's HTTP server. Probes and scrapes come from strangers' networks, so anybody there
 * can open connections and say nothing. Each takes a file descriptor, and a worker without a free one sends no webhook.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Far more than probes, scrapes and a Web UI need. */
export const MAX_CONNECTIONS = 256;

/** Closes a connection for each one above `most`: the oldest of those that have no request in progress. Not node's
 *  `maxConnections`, which closes the new one: silent connections would then keep every probe out, and what restarts
 *  unhealthy workers would restart them. */
export function boundConnections(server: Server, most = MAX_CONNECTIONS): void {
  // By the other end, since under TLS a request has another socket than its connection.
  const idle = new Map<string, Socket>();
  let open = 0;
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    idle.set(peer, socket);
    open += 1;
    socket.once('close', () => {
      open -= 1;
      if (idle.get(peer) === socket) idle.delete(peer);
    });
    if (open <= most) return;
    const [oldest = socket] = idle.values();
    oldest.destroy();
  });
  server.on('request', (request, response) => {
    const peer = peerOf(request.socket);
    const socket = idle.get(peer);
    idle.delete(peer);
    response.once('close', () => {
      if (socket?.destroyed === false) idle.set(peer, socket);
    });
  });
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
