/** What TEMPORAL_* says about keys and certificates reaches both connections of the SDK: seen by a real TLS server. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as openAnd } from '../../../cli/environment/open-connection.ts';
import { readTemporalProfile } from '../../../temporal-server/profile.ts';
import { bareMachine } from '../../support/bare-machine.ts';
import { RECEIVER_KEY, TEST_AUTHORITY, VALID_CERTIFICATE } from '../../support/hostile-certificates.ts';
import { startTlsFront, type TlsFront } from '../../support/tls-front.ts';

const machine = bareMachine();
// Not the machine's home: there is none before the first test, and the files would come into the working directory.
const folder = mkdtempSync(join(tmpdir(), 'topcalls-tls-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const OWN = {
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('ca.pem', TEST_AUTHORITY),
  TEMPORAL_TLS_SERVER_NAME: 'hooks.example.com',
};
const PAIR = {
  TEMPORAL_TLS_CLIENT_CERT_PATH: file('client.pem', VALID_CERTIFICATE),
  TEMPORAL_TLS_CLIENT_KEY_PATH: file('client.key', RECEIVER_KEY),
};
const KEY = { TEMPORAL_API_KEY: 'key-1' };

let byCertificate: TlsFront;
let byKey: TlsFront;
beforeAll(async () => {
  byCertificate = await startTlsFront({ certificate: true });
  byKey = await startTlsFront({ apiKey: 'key-1' });
});
afterAll(async () => {
  for (const front of [byCertificate, byKey]) await front.close();
  rmSync(folder, { recursive: true, force: true });
});

test('certificate, key, authority, server name and API key are options of the SDK', () => {
  const env = { ...machine.env, ...OWN, ...PAIR, ...KEY, TEMPORAL_ADDRESS: 'calls.a1b2c.tmprl.cloud:7233' };
  const { connection } = readTemporalProfile(env);
  expect(connection).toMatchObject({ address: 'calls.a1b2c.tmprl.cloud:7233', apiKey: 'key-1' });
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = connection.tls as Exclude<
    typeof connection.tls,
    boolean | null | undefined
  >;
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
  expect(serverNameOverride).toBe('hooks.example.com');
  expect(text(serverRootCACertificate)).toBe(TEST_AUTHORITY);
  expect([text(clientCertPair?.crt), text(clientCertPair?.key)]).toEqual([VALID_CERTIFICATE, RECEIVER_KEY]);
});

test('an API key alone switches TLS on', () => {
  const env = { ...machine.env, ...KEY, TEMPORAL_ADDRESS: 'calls.a1b2c.tmprl.cloud:7233' };
  expect(readTemporalProfile(env).connection.tls).toBe(true);
});

test.each([
  ['a certificate without its key', 'TEMPORAL_TLS_CLIENT_CERT_PATH'],
  ['a key without its certificate', 'TEMPORAL_TLS_CLIENT_KEY_PATH'],
] as const)('%s is refused: the SDK would send neither', (_what, name) => {
  const env = { ...machine.env, ...OWN, [name]: PAIR[name], TEMPORAL_ADDRESS: 'temporal:7233' };
  expect(() => readTemporalProfile(env)).toThrow(/TEMPORAL_TLS_CLIENT_CERT_.* and TEMPORAL_TLS_CLIENT_KEY_.* belong/);
});

describe.each([
  ['Connection', Connection],
  ['NativeConnection', NativeConnection],
] as const)('%s', (_name, kind) => {
  const connect = async (env: object, front: TlsFront): Promise<void> => {
    const { connection } = readTemporalProfile({ ...machine.env, ...env, TEMPORAL_ADDRESS: front.address });
    const opened = await kind.connect(connection);
    await opened.workflowService.getSystemInfo({}).catch(() => {});
    await opened.close();
  };

  test('shows the client certificate, and asks for the server by the name that was given', async () => {
    await connect({ ...OWN, ...PAIR }, byCertificate);
    expect(byCertificate.seen.at(-1)).toMatchObject({ clientName: 'receiver', serverName: 'hooks.example.com' });
  });

  test('shows the API key on every request', async () => {
    await connect({ ...OWN, ...KEY }, byKey);
    expect(byKey.seen.at(-1)).toMatchObject({ authorization: 'Bearer key-1' });
  });
});

test('a wrong API key is told as such, and not as a server that is not there', async () => {
  const { connection } = readTemporalProfile({ ...machine.env, ...OWN, TEMPORAL_API_KEY: 'old' });
  const where = { address: byKey.address, namespace: 'calls.a1b2c' };
  await expect(openAnd({ ...connection, address: byKey.address }, where)).rejects.toThrow(
    /refused namespace calls\.a1b2c: who are you; check TEMPORAL_API_KEY/,
  );
});

test('a server that wants a certificate refuses a connection without one', async () => {
  const { connection } = readTemporalProfile({ ...machine.env, ...OWN, TEMPORAL_ADDRESS: byCertificate.address });
  await expect(Connection.connect({ ...connection, connectTimeout: 1_000 })).rejects.toThrow();
});
