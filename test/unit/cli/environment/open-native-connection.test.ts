/** Whether a worker's messages are compressed, by what a server gets. */
import { once } from 'node:events';
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { openNativeConnection } from '../../../../cli/environment/open-native-connection.ts';
import { RECEIVER_KEY, TEST_AUTHORITY, VALID_CERTIFICATE } from '../../../support/hostile-certificates.ts';

const encodings: unknown[] = [];
const inTheClear = createServer().on('stream', answer);
const overTls = createSecureServer({ key: RECEIVER_KEY, cert: VALID_CERTIFICATE }).on('stream', answer);
const TLS = { serverRootCACertificate: Buffer.from(TEST_AUTHORITY) };

/** An empty message, as a server of gRPC answers. */
function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  encodings.push(headers['grpc-encoding']);
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(Buffer.alloc(5));
}

const portOf = (server: Http2Server): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
  const listening = [inTheClear, overTls].map((server) => once(server.listen(0, '127.0.0.1'), 'listening'));
  await Promise.all(listening);
});

afterAll(() => {
  for (const server of [inTheClear, overTls]) server.close();
});

test.each([
  ['nothing in the clear', inTheClear, {}, [], undefined],
  ['what was chosen', inTheClear, {}, ['gzip'], 'gzip'],
  ['everything over TLS', overTls, { tls: TLS }, [], 'gzip'],
  ['nothing over TLS if that was chosen', overTls, { tls: TLS }, ['none'], undefined],
] as const)('a worker compresses %s', async (_, server, options, choice, seen) => {
  encodings.length = 0;
  const connection = await openNativeConnection({ address: `127.0.0.1:${portOf(server)}`, ...options }, ...choice);
  await connection.close();
  expect(encodings.length).toBeGreaterThan(0);
  expect(new Set(encodings)).toEqual(new Set([seen]));
});
