/** TCP ports of the loopback address: which are free, and which have a listener. For starting and finding servers. */
import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';
// Loopback refuses or accepts in microseconds. Half a second is for a machine that swaps.
const CONNECT_TIMEOUT_MS = 500;

/** Below the ports that Linux, macOS and Windows give to whoever asks for any. Well-known servers have lower ones. */
const FIRST_PORT = 11_000;
const LAST_PORT = 31_999;
const TRIES = 50;

/** A port without a listener at this moment. Not one that the system would name: it gives such a port to the next
 *  process that asks for any, perhaps before our server has started. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port of 127.0.0.1 was found between ${FIRST_PORT} and ${LAST_PORT} in ${TRIES} tries`);
}

/** Whether a server could listen on this port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });
}

/** Whether a server listens at `host:port`. Cheaper than gRPC, which retries a refused connection until its timeout. */
export function someoneListens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
