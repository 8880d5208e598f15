/** A misspelt option, and a missing port, are refused where an adapter, receiver or watch is made: JavaScript checks no
 *  types, and the default would be taken in silence. */
import { expect, test } from '@jest/globals';
import {
  HttpArtifactSource,
  LogDeliveryEvents,
  PostgresDeliveryLog,
  type PostgresDeliveryLogOptions,
} from '../../../adapters/index.ts';
import { memorySeenEvents, nodeHandler, PostgresSeenEvents, webHandler } from '../../../receiver/index.ts';
import { webhookWorkerHealth } from '../../../worker/index.ts';

const method = () => undefined;
const baseUrl = 'https://calls.example.com';
const connectionString = 'postgres://db.example.com/webhooks';
const worker = { getState: () => 'RUNNING' };

test.each<[string, () => unknown, string]>([
  [
    'a log with a misspelt database',
    () => new PostgresDeliveryLog({ connection_string: connectionString } as never),
    'PostgresDeliveryLog: unknown option connection_string; known are pool, connectionString, schema, autoMigrate',
  ],
  [
    'a log without a database',
    () => new PostgresDeliveryLog({} as never),
    'pass connectionString, such as postgres://',
  ],
  [
    'a log whose variable is not set',
    () => new PostgresDeliveryLog({ connectionString: undefined } as never),
    'pass connectionString, such as postgres://',
  ],
  ['a log with an empty database', () => new PostgresDeliveryLog({ connectionString: '' }), 'pass connectionString'],
  [
    'a log with a client for a pool',
    () => new PostgresDeliveryLog({ pool: { end: method } } as never),
    'or pool, a Pool',
  ],
  ['a log with nothing', () => new PostgresDeliveryLog(undefined as never), 'PostgresDeliveryLog: pass { pool,'],
  [
    'a log in a misspelt schema',
    () => new PostgresDeliveryLog({ connectionString, schemas: 'mine' } as never),
    'unknown option schemas',
  ],
  ['events without a logger', () => new LogDeliveryEvents(undefined as never), 'the logger has no method info()'],
  [
    'a source',
    () => new HttpArtifactSource({ baseUrl, Token: 'x' } as never),
    'unknown option Token; known are baseUrl,',
  ],
  ['a store in memory', () => memorySeenEvents({ ttl: 1 } as never), 'unknown option ttl; known are max, ttlMs'],
  ['a store without a pool', () => new PostgresSeenEvents({} as never), 'PostgresSeenEvents: pass pool, a Pool'],
  ['a store', () => new PostgresSeenEvents({ pool: { query: method }, tables: 'x' } as never), 'unknown option tables'],
  [
    'options for a receiver',
    () => nodeHandler({ secret: 'x' } as never),
    'nodeHandler: pass the receiver: nodeHandler(',
  ],
  ['nothing for a receiver', () => webHandler(undefined as never), 'webHandler: pass the receiver: webHandler('],
  ['a watch of nothing', () => webhookWorkerHealth(undefined as never), 'pass the worker: webhookWorkerHealth(worker)'],
  [
    'a watch',
    () => webhookWorkerHealth(worker as never, { require: { log: method } } as never),
    'webhookWorkerHealth: unknown option require; known are required, everyMs, silenceMs',
  ],
  [
    'a watch of a port that cannot be asked',
    () => webhookWorkerHealth(worker as never, { required: { log: {} } } as never),
    'required.log must be a function',
  ],
])('%s is refused when it is made', (_what, make, words) => {
  expect(make).toThrow(TypeError);
  expect(make).toThrow(words);
});

test('a pool that is undefined is none: the connection string counts', async () => {
  const options = { pool: undefined, connectionString } as unknown as PostgresDeliveryLogOptions;
  await new PostgresDeliveryLog(options).close();
});
