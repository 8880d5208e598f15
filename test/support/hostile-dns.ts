/**
 * A real name server on loopback (UDP) that answers by script: other addresses each time, aliases, or nothing.
 * `createResolve({ servers })` asks it instead of the operating system's.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parseAddress } from '../../contract/egress/ip-address.ts';

/** Records of an answer in their order: addresses, or an alias to which the records after it belong. */
export type DnsRecords = ReadonlyArray<string | { readonly cname: string }>;
export type DnsAnswer = DnsRecords | 'nxdomain' | 'silent';
export type DnsQuestion = { readonly name: string; readonly type: 'A' | 'AAAA' };
export type DnsScript = (question: DnsQuestion) => DnsAnswer;

export type NameServer = {
  /** The value for `createResolve({ servers: [server] })`. */
  readonly server: string;
  /** Every question so far. */
  readonly asked: readonly DnsQuestion[];
  stop(): Promise<void>;
};

const TYPES = { A: 1, CNAME: 5, AAAA: 28 } as const;
const NAME_ERROR = 3;

/** Starts the name server. Each question gets those of an answer's addresses that belong to its own family. */
export async function startNameServer(script: DnsScript): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: DnsQuestion[] = [];
  socket.on('message', (query, peer) => {
    const question = questionIn(query);
    asked.push(question);
    const answer = script(question);
    if (answer !== 'silent') socket.send(reply(query, question, answer), peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const stop = async (): Promise<void> => {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  };
  return { server: `127.0.0.1:${socket.address().port}`, asked, stop };
}

function questionIn(query: Buffer): DnsQuestion {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1) === TYPES.A ? 'A' : 'AAAA' };
}

function reply(query: Buffer, { name, type }: DnsQuestion, answer: DnsRecords | 'nxdomain'): Buffer {
  const records: Buffer[] = [];
  let owner = name;
  for (const record of answer === 'nxdomain' ? [] : answer) {
    if (typeof record !== 'string') {
      records.push(encode(owner, TYPES.CNAME, encodeName(record.cname)));
      owner = record.cname;
    } else if (record.includes(':') === (type === 'AAAA')) {
      records.push(encode(owner, TYPES[type], Buffer.from(parseAddress(record) ?? [])));
    }
  }
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (answer === 'nxdomain' ? NAME_ERROR : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(12, query.indexOf(0, 12) + 5), ...records]);
}

/** One record of class IN that may not be cached (0 s). */
function encode(owner: string, type: number, data: Buffer): Buffer {
  return Buffer.concat([encodeName(owner), Buffer.from([0, type, 0, 1, 0, 0, 0, 0, 0, data.length]), data]);
}

function encodeName(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
