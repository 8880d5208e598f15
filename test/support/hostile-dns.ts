/** A name server on loopback that answers A queries as told and can leave AAAA queries, or all of them, unanswered. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const TYPE_A = 1;
const NAME_ERROR = 3;

/** Answers to A queries: IPv4 addresses, `nxdomain`, or `silent`. AAAA: `empty` (no such record) or `silent`. */
export type DnsScript = { readonly a: readonly string[] | 'nxdomain' | 'silent'; readonly aaaa: 'empty' | 'silent' };

/** Starts the name server; `server` is what `createResolve({ servers: [server] })` takes. */
export async function startNameServer(script: DnsScript): Promise<{ server: string; stop(): Promise<void> }> {
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => {
    const answer = query.readUInt16BE(questionEnd(query) - 4) === TYPE_A ? script.a : script.aaaa;
    if (answer !== 'silent') socket.send(reply(query, answer), peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const stop = async (): Promise<void> => {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  };
  return { server: `127.0.0.1:${socket.address().port}`, stop };
}

function reply(query: Buffer, answer: readonly string[] | 'nxdomain' | 'empty'): Buffer {
  const addresses = typeof answer === 'string' ? [] : answer;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (answer === 'nxdomain' ? NAME_ERROR : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  // Name (pointer to the question), type A, class IN, 60 s, 4 bytes.
  const records = addresses.map((text) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...text.split('.').map(Number)]),
  );
  return Buffer.concat([header, query.subarray(12, questionEnd(query)), ...records]);
}

function questionEnd(query: Buffer): number {
  return query.indexOf(0, 12) + 5;
}
