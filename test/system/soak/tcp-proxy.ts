/** A raw TCP proxy on loopback that can harm whoever goes through it: cut, hold, refuse, lose answers. It knows no
 *  protocol. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export type Proxy = {
  /** `host:port`. */
  readonly address: string;
  /** Breaks every connection; new ones are welcome. */
  cut(): void;
  /** Connections stay, and nothing moves. */
  hold(): void;
  /** Breaks every connection and takes no new one. */
  refuse(): void;
  /** What is sent arrives, what comes back is lost: done, and the sender never hears of it. */
  loseAnswers(): void;
  /** As if nothing had happened; connections that lost something are broken. */
  heal(): void;
  close(): Promise<void>;
};

/** Listens on a free port and passes bytes on to `target()` (`host:port`, asked anew for each connection). */
export async function startProxy(target: () => string): Promise<Proxy> {
  const pairs = new Set<readonly Socket[]>();
  let isHeld = false;
  let refuses = false;
  let losesAnswers = false;
  const server = createServer((client) => {
    if (refuses) {
      client.destroy();
      return;
    }
    const { hostname, port } = new URL(`tcp://${target()}`);
    const upstream = connect(Number(port), hostname);
    const pair = [client, upstream];
    pairs.add(pair);
    client.on('data', (chunk) => pass(upstream, chunk, client));
    upstream.on('data', (chunk) => {
      if (!losesAnswers) pass(client, chunk, upstream);
    });
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
      if (isHeld) socket.pause();
    }
  });
  const sockets = (): Socket[] => [...pairs].flat();
  const cut = (): void => {
    for (const socket of sockets()) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    hold: () => {
      isHeld = true;
      for (const socket of sockets()) socket.pause();
    },
    refuse: () => {
      refuses = true;
      cut();
    },
    loseAnswers: () => {
      losesAnswers = true;
    },
    heal: () => {
      if (losesAnswers) cut();
      isHeld = false;
      refuses = false;
      losesAnswers = false;
      for (const socket of sockets()) socket.resume();
    },
    close: async () => {
      server.close();
      cut();
    },
  };
}

function pass(to: Socket, chunk: Buffer, from: Socket): void {
  if (to.destroyed || to.write(chunk)) return;
  from.pause();
  to.once('drain', () => from.resume());
}
