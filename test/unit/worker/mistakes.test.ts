/** Likely mistakes at createWebhookWorker: each is told in one sentence with the fix, or just works. */
import { join } from 'node:path';
import type { Payload } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterEach, expect, jest, test } from '@jest/globals';
import { MemoryArtifactSource } from '../../../adapters/memory.ts';
import { StaticSecrets } from '../../../adapters/static-secrets.ts';
import { encryptedDataConverter, generateEncryptionKey } from '../../../codec/index.ts';
import { createWebhookWorker, NamespaceNotFoundError, type WebhookWorkerOptions } from '../../../worker/index.ts';

const native = Object.create(NativeConnection.prototype) as NativeConnection;
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const options: WebhookWorkerOptions = {
  connection: native,
  artifacts: new MemoryArtifactSource(),
  secrets: new StaticSecrets({}),
  log: 'none',
  logger,
  checkOpenRuns: false,
};

const created = jest.spyOn(Worker, 'create');
afterEach(() => void created.mockReset());

test.each([
  ['nothing', undefined, 'connection is missing'],
  ['an address', 'localhost:7233', 'connection is localhost:7233'],
  ["a client's connection", { workflowService: {} }, "connection is a client's Connection, of @temporalio/client"],
  ['a client', { connection: {} }, 'connection is an object of another kind'],
])('%s as connection is named, with what to pass', async (_what, connection, words) => {
  await expect(createWebhookWorker({ ...options, connection: connection as never })).rejects.toThrow(
    `createWebhookWorker: ${words}; pass await NativeConnection.connect({ address }), of @temporalio/worker`,
  );
  expect(created).not.toHaveBeenCalled();
});

test('a function as logger is told, with what to pass', async () => {
  await expect(createWebhookWorker({ ...options, logger: (() => undefined) as never })).rejects.toThrow(
    'option logger has no method info(), warn(), error(); pass a pino logger, or console',
  );
});

test.each([-1, 21, 1.5, Number.NaN, '5'])(
  '%p endpoints with a label are refused, with what is allowed',
  async (endpoints) => {
    await expect(createWebhookWorker({ ...options, metrics: { endpoints: endpoints as never } })).rejects.toThrow(
      `option metrics.endpoints is ${endpoints}; allowed is a whole number 0 to 20`,
    );
  },
);
test.each([
  ['a text', 'https://ops.example.com/', 'must be an object with a method notify(), or { url, secretRef? }'],
  ['an object without either', { tell: () => undefined }, 'must be an object with a method notify()'],
  ['null', null, 'must be an object with a method notify()'],
  ['a URL with a password', { url: 'https://me:hush@ops.example.com/' }, 'url is refused (userinfo)'],
  ['a metadata service', { url: 'http://169.254.169.254/' }, 'url is refused (address)'],
])('%s as deliveryEvents is told, and no part of it', async (_what, deliveryEvents, words) => {
  const failed = createWebhookWorker({ ...options, deliveryEvents: deliveryEvents as never });
  await expect(failed).rejects.toThrow(`webhook worker: option deliveryEvents`);
  await expect(failed).rejects.toThrow(words);
  await expect(failed).rejects.not.toThrow(/hush/);
});

test('a namespace that does not exist is named, with the command that makes it', async () => {
  const cause = new Error(
    'Namespace nope was not found or otherwise could not be described: Status { code: NotFound }',
  );
  created.mockRejectedValue(cause);
  const failed = createWebhookWorker({ ...options, namespace: 'nope' });
  await expect(failed).rejects.toMatchObject({ code: 'namespace_not_found', namespace: 'nope', cause });
  await expect(failed).rejects.toThrow(NamespaceNotFoundError);
  await expect(failed).rejects.toThrow(
    'createWebhookWorker: Temporal has no namespace nope. Create it (temporal operator namespace create -n nope), or',
  );
});

test('another failure of the SDK comes as it is', async () => {
  const failure = new Error('tls handshake');
  created.mockRejectedValue(failure);
  await expect(createWebhookWorker(options)).rejects.toBe(failure);
});

test('beside a tuner no default for slots is given, and the other defaults are', async () => {
  created.mockResolvedValue({} as Worker);
  const tuner = { tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.9 } };
  await createWebhookWorker({ ...options, temporal: { tuner } });
  await createWebhookWorker(options);
  const slots = created.mock.calls.map(([given]) =>
    Object.keys(given).filter((name) => name.startsWith('maxConcurrent')),
  );
  expect(slots).toEqual([
    [],
    [
      'maxConcurrentWorkflowTaskExecutions',
      'maxConcurrentLocalActivityExecutions',
      'maxConcurrentActivityTaskExecutions',
    ],
  ]);
  expect(created.mock.calls[0]?.[0]).toMatchObject({ tuner, stickyQueueScheduleToStartTimeout: '2 seconds' });
});

test('with workflow code of the host, none of ours is looked for', async () => {
  created.mockResolvedValue({} as Worker);
  const workflowBundle = { codePath: '/host/workflow-bundle.js' };
  await createWebhookWorker({ ...options, temporal: { workflowBundle } });
  const [given] = created.mock.calls[0] ?? [];
  expect(given).toMatchObject({ workflowBundle });
  expect(given).not.toHaveProperty('workflowsPath');
});

test('an activity of the host with a name of ours is refused, and others stand beside ours', async () => {
  created.mockResolvedValue({} as Worker);
  const dial = async (): Promise<void> => undefined;
  const activities = { dial, fetchArtifacts: dial, recordDelivery: dial };
  await expect(createWebhookWorker({ ...options, temporal: { activities } })).rejects.toThrow(
    'createWebhookWorker: temporal.activities has fetchArtifacts, recordDelivery, a name of ours; rename yours',
  );
  await createWebhookWorker({ ...options, temporal: { activities: { dial } } });
  expect(created.mock.calls[0]?.[0].activities).toMatchObject({ dial, deliverWebhook: expect.any(Function) });
});

test('a data converter that cannot read what the server itself writes is refused', async () => {
  const payloadConverterPath = join(__dirname, 'own-json-converter.ts');
  const refused = createWebhookWorker({ ...options, temporal: { dataConverter: { payloadConverterPath } } });
  await expect(refused).rejects.toThrow(TypeError);
  await expect(refused).rejects.toThrow(
    'createWebhookWorker: the data converter cannot read "ACTIVITY_ID_NOT_STARTED" in json/plain ' +
      '(Unknown encoding: json/plain). The server writes it where a waiting attempt is cancelled',
  );
  const strict = { encode: async (payloads: Payload[]) => payloads, decode: () => Promise.reject(new Error('+1415')) };
  const codec = createWebhookWorker({ ...options, temporal: { dataConverter: { payloadCodecs: [strict] } } });
  await expect(codec).rejects.toThrow('json/plain (a payload cannot be decoded (Error)). The server');
  expect(created).not.toHaveBeenCalled();
});

test('our own encryption, and a converter that falls back to JSON, are taken', async () => {
  created.mockResolvedValue({} as Worker);
  const encrypted = encryptedDataConverter({ keys: { k1: generateEncryptionKey() }, activeKeyId: 'k1' });
  const payloadConverterPath = join(__dirname, 'own-and-plain-json-converter.ts');
  for (const dataConverter of [encrypted, { payloadConverterPath }]) {
    await createWebhookWorker({ ...options, temporal: { dataConverter } });
  }
  expect(created).toHaveBeenCalledTimes(2);
});
