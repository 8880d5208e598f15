/** A raw TCP proxy on loopback, to be cruel to whoever goes through it: cut, hold, refuse, lose answers. Knows no protocol. */
import { connect, createServer } from 'node:net';

/** Listens on a free port and passes bytes on to `target()` (`host:port`, asked anew for each connection). */
export async function startProxy(target) {
  const pairs = new Set();
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
    upstream.on('data', (chunk) => losesAnswers || pass(client, chunk, upstream));
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
      if (isHeld) socket.pause();
    }
  });
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${server.address().port}`,
    /** Breaks every connection; new ones are welcome. */
    cut,
    /** Connections stand, and nothing moves. */
    hold: () => {
      isHeld = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    /** Breaks every connection and takes no new one. */
    refuse: () => {
      refuses = true;
      cut();
    },
    /** What is sent arrives, what comes back is lost: done, but nobody hears of it. */
    loseAnswers: () => {
      losesAnswers = true;
    },
    /** As if nothing had happened; connections that lost something are broken. */
    heal: () => {
      if (losesAnswers) cut();
      isHeld = refuses = losesAnswers = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    close: () => {
      server.close();
      cut();
    },
  };
}

function pass(to, chunk, from) {
  if (to.destroyed || to.write(chunk)) return;
  from.pause();
  to.once('drain', () => from.resume());
}
