/** We decide what a TLS handshake may cost: groups, suites, bytes, and how many at once. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createTlsWire } from '../../../activities/http/tls-wire.ts';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import type { PostResult, WebhookSenderOptions } from '../../../activities/http/webhook-sender.ts';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { parseClientHello } from '../../support/client-hello.ts';
import {
  RECEIVER_KEY,
  RSA_CERTIFICATE,
  RSA_KEY,
  TEST_AUTHORITY,
  VALID_CERTIFICATE,
} from '../../support/hostile-certificates.ts';
import { costlyChain, dhGroup } from '../../support/hostile-keys.ts';
import { waitFor } from '../../support/wait-for.ts';
import { answering, httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';

const ok = answering([httpAnswer('200 OK')]);
const valid = { key: RECEIVER_KEY, cert: VALID_CERTIFICATE };

const running: { stop(): Promise<void> }[] = [];
afterEach(() => Promise.all(running.splice(0).map((receiver) => receiver.stop())));

async function receiverOf(tls?: TlsOptions, behave = ok): Promise<HostileReceiver> {
  const receiver = await startReceiver(behave, tls);
  running.push(receiver);
  return receiver;
}

function senderOf(options: Partial<WebhookSenderOptions> = {}, ca = TEST_AUTHORITY) {
  const policy = parseEgressOptions(LOOPBACK_EGRESS);
  const sender = createWebhookSender({ policy, resolve: async () => ['127.0.0.1'], ca, ...options });
  return (port: number, host = 'hooks.example.com'): Promise<PostResult> =>
    sender.post({ url: `https://${host}:${port}/hook`, headers: {}, body: '{}' });
}

describe('groups and suites', () => {
  test('the handshake offers X25519, P-256, P-384 and P-521, and ECDHE suites only', async () => {
    let hello: Buffer | undefined;
    const receiver = await receiverOf(undefined, (socket) => {
      socket.once('data', (bytes: Buffer) => {
        hello = bytes;
        socket.destroy();
      });
    });
    await senderOf()(receiver.port);
    const { suites, groups } = parseClientHello(hello ?? Buffer.alloc(0));
    expect(groups).toEqual([0x1d, 0x17, 0x18, 0x19]);
    // First byte 0x13: TLS 1.3. 0xc0 and 0xcc: ECDHE. 0xff is no suite: OpenSSL 3.0 (Node 20, 22) signals secure
    // renegotiation by it, and OpenSSL 3.5 (Node 24) by an extension.
    const others = suites.filter((suite) => ![0x13, 0xc0, 0xcc].includes(suite >> 8));
    expect(others.filter((suite) => suite !== 0xff)).toEqual([]);
    expect(suites.length).toBeGreaterThan(10);
  });

  test.each([
    ['TLS 1.3', { minVersion: 'TLSv1.3' }],
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
    ['X25519', { ecdhCurve: 'X25519' }],
    ['P-256', { ecdhCurve: 'P-256' }],
    ['P-384', { ecdhCurve: 'P-384' }],
    ['P-521', { ecdhCurve: 'P-521' }],
    ['a suite of before 2012', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }],
  ] satisfies Array<[string, TlsOptions]>)('a receiver with %s is delivered to', async (_what, options) => {
    const receiver = await receiverOf({ ...valid, ...options });
    expect(await senderOf()(receiver.port)).toMatchObject({ outcome: 'delivered' });
  });

  const dhe = {
    key: RSA_KEY,
    cert: RSA_CERTIFICATE,
    maxVersion: 'TLSv1.2',
    ciphers: 'DHE-RSA-AES128-GCM-SHA256',
  } as const;
  test.each([
    ['DHE, 2,048 bits', { ...dhe, dhparam: dhGroup(2_048) }],
    ['DHE, 10,000 bits', { ...dhe, dhparam: dhGroup(10_000) }],
    ['DHE, 16,384 bits', { ...dhe, dhparam: dhGroup(16_384) }],
    ['ffdhe8192 of TLS 1.3', { ...valid, minVersion: 'TLSv1.3', ecdhCurve: 'ffdhe8192' }],
    ['static RSA', { key: RSA_KEY, cert: RSA_CERTIFICATE, maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
  ] satisfies Array<[string, TlsOptions]>)('a receiver that has only %s is tls_failed', async (_what, options) => {
    const receiver = await receiverOf(options);
    const result = await senderOf({}, RSA_CERTIFICATE)(receiver.port);
    expect(result).toMatchObject({ outcome: 'network', code: 'tls_failed' });
    expect(receiver.received()).toBe('');
  });

  test('a receiver cannot ask for a second handshake on the connection', async () => {
    const renegotiated: boolean[] = [];
    const receiver = await receiverOf({ ...valid, maxVersion: 'TLSv1.2' }, async (socket, requestSeen) => {
      await requestSeen;
      const answer = (error: Error | null): void => {
        renegotiated.push(error === null);
        socket.end(httpAnswer('200 OK'));
      };
      (socket as unknown as { renegotiate(options: object, callback: typeof answer): void }).renegotiate({}, answer);
      // The refusal is an alert. This server answers it by ending the connection, or not at all.
      setTimeout(() => socket.destroyed || socket.end(httpAnswer('200 OK')), 200);
    });
    await senderOf()(receiver.port);
    expect(renegotiated.filter(Boolean)).toEqual([]);
  });
});

describe('bytes before the handshake is over', () => {
  test.each([
    ['100 KB of 16,384-bit keys', { certificates: 21, modulusBits: 16_384, exponentBits: 64 }, 'tls_failed'],
    ['20 KB of keys with large exponents', { certificates: 13, modulusBits: 3_072, exponentBits: 3_072 }, 'tls_failed'],
    // OpenSSL does compute with this one. It fits the bounds, and decision 12 says what it costs.
    [
      '13 KB of keys with large exponents',
      { certificates: 8, modulusBits: 3_072, exponentBits: 3_072 },
      'tls_untrusted',
    ],
  ])('a chain of %s', async (_what, chain, code) => {
    const receiver = await receiverOf({ key: RECEIVER_KEY, cert: costlyChain(chain) });
    expect(await senderOf()(receiver.port)).toMatchObject({ outcome: 'network', code });
  });

  test('the wire hands over exactly as many bytes as the bound, then tells of the flood once', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end(Buffer.alloc(1_000_000)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    running.push({ stop: async () => void (server.close(), await once(server, 'close')) });
    const tcp = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let floods = 0;
    let bytes = 0;
    const inTurn = (step: () => void): void => void setImmediate(step);
    const bounds = { handshakeBytes: 16_384, totalBytes: 262_144 };
    const flooded = new Promise<void>((resolve) => {
      const wire = createTlsWire(tcp, bounds, inTurn, () => {
        floods += 1;
        resolve();
      });
      wire.stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        expect(chunk.length).toBeLessThanOrEqual(4_096);
      });
    });
    await flooded;
    expect([bytes, floods]).toEqual([16_384, 1]);
    tcp.destroy();
  });

  test('what came before an end or a reset is handed over first', async () => {
    let other: Socket | undefined;
    const server = createServer((socket) => {
      other = socket.on('error', () => undefined);
      socket.write('the alert');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    running.push({ stop: async () => void (server.close(), await once(server, 'close')) });
    const tcp = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const steps: (() => void)[] = [];
    const wire = createTlsWire(
      tcp,
      { handshakeBytes: 100, totalBytes: 100 },
      (step) => void steps.push(step),
      () => undefined,
    );
    let text = '';
    wire.stream.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined);
    await once(tcp, 'data');
    other?.resetAndDestroy();
    tcp.destroy();
    await once(tcp, 'close');
    const closed = once(wire.stream, 'close');
    for (const step of steps) step();
    await closed;
    expect(text).toBe('the alert');
  });
});

/** Takes connections, and ends a handshake only by dropping it. */
async function startNever() {
  const sockets = new Set<Socket>();
  const begun = new Set<Socket>();
  let connections = 0;
  let hellos = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      hellos += 1;
      begun.add(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver = {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    /** Handshakes begun so far. */
    hellos: () => hellos,
    /** Ends the handshakes that have begun. */
    drop() {
      for (const socket of begun) socket.destroy();
      begun.clear();
    },
    dropAll() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  running.push(receiver);
  return receiver;
}

const codesOf = (results: readonly PostResult[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { code } of results) {
    const name = code.startsWith('connection_') ? 'dropped' : code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

describe('handshakes in progress', () => {
  /** An attempt ends only by the queue or by the receiver. */
  const patient = { phases: { connectMs: 50_000 }, deadlineMs: 50_000 };

  test('a hundred that never end: 64 of one host at once, each in its turn, and no neighbour waits for them', async () => {
    const never = await startNever();
    const good = await receiverOf(valid);
    const post = senderOf(patient);
    const hostile = Promise.all(times(100, () => post(never.port)));
    await waitFor('100 connections, of which 64 speak', () => never.connections() === 100 && never.hellos() >= 64);
    const neighbours = await Promise.all(times(20, () => post(good.port)));
    expect(codesOf(neighbours)).toEqual({ http_200: 20 });
    expect(never.hellos()).toBe(64);
    never.drop();
    await waitFor('the other 36', () => never.hellos() === 100);
    never.drop();
    expect(codesOf(await hostile)).toEqual({ dropped: 100 });
  });

  test('never more than 256 in all', async () => {
    const hosts = await Promise.all(times(5, startNever));
    const hellos = (): number => hosts.reduce((sum, host) => sum + host.hellos(), 0);
    const post = senderOf(patient);
    const all = Promise.all(hosts.flatMap(({ port }) => times(60, () => post(port))));
    await waitFor('256 handshakes', () => hellos() >= 256);
    await waitFor('300 connections', () => hosts.every((host) => host.connections() === 60));
    expect(hellos()).toBe(256);
    const dropping = setInterval(() => hosts.forEach((host) => host.drop()), 20);
    const codes = codesOf(await all);
    clearInterval(dropping);
    expect(Object.keys(codes).filter((code) => code !== 'timeout_tls_queue')).toEqual(['dropped']);
  });

  test('an attempt whose turn does not come says so: after 5 s, or at its own deadline', async () => {
    const never = await startNever();
    const holding = Promise.all(times(64, () => senderOf(patient)(never.port)));
    await waitFor('64 handshakes', () => never.hellos() === 64);
    const waiting = await Promise.all([
      senderOf(patient)(never.port),
      senderOf({ ...patient, deadlineMs: 100 })(never.port),
      // The connect deadline does not run while an attempt waits in the queue.
      senderOf({ ...patient, phases: { connectMs: 4_000 } })(never.port),
    ]);
    expect(waiting.map(({ outcome, code }) => `${outcome}, ${code}`)).toEqual(
      times(3, () => 'not_sent, timeout_tls_queue'),
    );
    expect(never.hellos()).toBe(64);
    never.drop();
    await holding;
  });

  test('a receiver that hangs up while its handshake waits is not spoken to', async () => {
    const never = await startNever();
    const holding = Promise.all(times(64, () => senderOf(patient)(never.port)));
    await waitFor('64 handshakes', () => never.hellos() === 64);
    const waiting = senderOf(patient)(never.port);
    await waitFor('65 connections', () => never.connections() === 65);
    never.dropAll();
    expect(codesOf([...(await holding), await waiting])).toEqual({ dropped: 65 });
    expect(never.hellos()).toBe(64);
  });

  test('good receivers behind the cap are all delivered to', async () => {
    const good = await receiverOf(valid);
    const results = await Promise.all(times(80, () => senderOf(patient)(good.port)));
    expect(codesOf(results)).toEqual({ http_200: 80 });
  });
});
