/** What is said of a server that is not there, not reached, or speaks something else. Real sockets. */
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connect } from '../../../cli/environment/open-connection.ts';
import { endOf } from '../../../cli/process/exit.ts';
import { NotReachedError, openServer } from '../../../temporal-server/open-server.ts';
import { freePort } from '../../../temporal-server/ports.ts';
import type { TemporalConnectionOptions } from '../../../temporal-server/profile.ts';
import { RECEIVER_KEY, TEST_AUTHORITY, VALID_CERTIFICATE } from '../../support/hostile-certificates.ts';
import { endsAfter, stopClock } from '../../support/stopped-clock.ts';
import { startTlsFront, type TlsFront } from '../../support/tls-front.ts';

/** Longer than any test: what ends before it did not wait for it. */
const NEVER_MS = 3_600_000;
const TLS = { tls: { serverRootCACertificate: Buffer.from(TEST_AUTHORITY), serverNameOverride: 'hooks.example.com' } };

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  jest.useRealTimers();
  for (const server of servers.splice(0)) server.close();
  // The SDK leaves a connection open on which nothing came.
  for (const socket of sockets.splice(0)) socket.destroy();
});
async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.on('connection', (socket: Socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const closing = () => createServer((socket) => void socket.once('data', () => socket.destroy()).on('error', () => {}));
const speakingTls = () =>
  createTlsServer({ key: RECEIVER_KEY, cert: VALID_CERTIFICATE }, () => {}).on('tlsClientError', () => {});

/** Of the error that opening ends with. */
async function came(address: string, options: TemporalConnectionOptions = {}, timeoutMs = NEVER_MS) {
  const error: unknown = await openServer({ ...options, address }, 'default', timeoutMs).catch(
    (caught: unknown) => caught,
  );
  return error instanceof NotReachedError ? [error.kind, error.message] : error;
}

let front: TlsFront;
beforeAll(async () => {
  front = await startTlsFront({ certificate: true });
});
afterAll(() => front.close());

describe('it is told at once, whatever the time limit', () => {
  test.each([
    ['in the clear', {}],
    ['over TLS', TLS],
  ])('that nothing listens: %s', async (_how, options) => {
    const address = `127.0.0.1:${await freePort()}`;
    expect(await came(address, options)).toEqual(['refused', 'nothing listens there (ECONNREFUSED)']);
    expect(await came(address.replace('127.0.0.1', 'localhost'), options)).toEqual([
      'refused',
      'nothing listens there (ECONNREFUSED)',
    ]);
  });

  test('that a name has no address', async () => {
    expect(await came('nobody.invalid:7233')).toEqual(['name', 'its name has no address']);
  });

  test('that the connection ended, perhaps because TLS is missing', async () => {
    expect(await came(await listening(closing()))).toEqual([
      'wants_tls',
      expect.stringMatching(/^the connection ended before an answer.*, perhaps because it wants TLS$/),
    ]);
    expect(await came(await listening(speakingTls()))).toEqual(['wants_tls', expect.any(String)]);
    expect(await came(front.address)).toEqual(['wants_tls', expect.any(String)]);
  });

  test('that something else speaks there', async () => {
    const http = await listening(createHttpServer((_request, response) => void response.end()));
    expect(await came(http)).toEqual(['wants_tls', expect.stringContaining('(Protocol error)')]);
  });

  test('that the port speaks no TLS', async () => {
    const http = await listening(createHttpServer((_request, response) => void response.end()));
    expect(await came(http, TLS)).toEqual(['speaks_no_tls', 'what answers there speaks no TLS']);
  });

  test('in the words of OpenSSL without numbers and places, that a certificate is missing or not known', async () => {
    expect(await came(front.address, TLS)).toEqual([
      'other',
      expect.stringMatching(/^[a-z0-9 ]*certificate[a-z0-9 ]*$/),
    ]);
    expect(await came(await listening(speakingTls()), { tls: { serverNameOverride: 'hooks.example.com' } })).toEqual([
      'other',
      'unable to verify the first certificate',
    ]);
  });
});

test.each([
  ['in the clear', {}],
  ['over TLS', TLS],
])('of a port that accepts and stays silent it is told how long was waited: %s', async (_how, options) => {
  const address = await listening(createServer(() => {}));
  stopClock();
  expect(await endsAfter(2_300, came(address, options, 2_300))).toEqual(['silent', 'no answer in 2.3 s']);
});

test.each<[string, (address: string) => TemporalConnectionOptions, number, string]>([
  ['a closed port', () => ({}), 3, 'start one (topcalls-webhooks dev), or correct TEMPORAL_ADDRESS'],
  ['what is no address', () => ({ address: 'https://temporal:7233' }), 2, 'check TEMPORAL_ADDRESS and TEMPORAL_TLS_*'],
  [
    'a certificate that is none',
    () => ({ tls: { clientCertPair: { crt: Buffer.from('x'), key: Buffer.from('y') } } }),
    2,
    'check TEMPORAL_ADDRESS and TEMPORAL_TLS_*',
  ],
])('a command says one line of %s: what was tried, what came, what to do', async (_what, options, exitCode, fix) => {
  const address = `127.0.0.1:${await freePort()}`;
  const where = { address: options(address).address ?? address, namespace: 'default' };
  const error: unknown = await connect({ address, ...options(address) }, where).catch((caught: unknown) => caught);
  const { words } = endOf(error);
  expect(endOf(error)).toEqual({ exitCode, words: expect.stringContaining(` at ${where.address}: `) });
  expect([words.endsWith(`; ${fix}`), words.includes('\n')]).toEqual([true, false]);
});
