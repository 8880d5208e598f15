/** A misspelt option, and a missing port, are refused wherever a door takes options: JavaScript checks no types, and
 *  the default would be taken in silence. */
import { expect, test } from '@jest/globals';
import { createActivities } from '../../../activities/index.ts';
import {
  HttpArtifactSource,
  LogDeliveryEvents,
  MemoryDeliveryEvents,
  MemoryDeliveryLog,
  PostgresDeliveryLog,
  type PostgresDeliveryLogOptions,
} from '../../../adapters/index.ts';
import { parseWebhookConfig } from '../../../contract/index.ts';
import {
  memorySeenEvents,
  nodeHandler,
  PostgresSeenEvents,
  signTestRequest,
  webHandler,
} from '../../../receiver/index.ts';
import { FakeWebhookClient, openReceiver, openVirtualTime } from '../../../testing/index.ts';
import { webhookWorkerHealth, webhookWorkerParts } from '../../../worker/index.ts';

const method = () => undefined;
const baseUrl = 'https://calls.example.com';
const connectionString = 'postgres://db.example.com/webhooks';
const worker = { getState: () => 'RUNNING' };
const ports = { artifacts: { fetch: method }, secrets: { forEndpoint: method } };
const url = 'https://engine.example.com/events';

function fakeRun() {
  const webhooks = new FakeWebhookClient();
  const report = { call_id: 'call-1', status: 'failed', webhook_url: 'https://crm.example.com' };
  return webhooks.callEnded(report as never).then(() => webhooks.run('call-webhook/call-1'));
}

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
  ['a log in memory', () => new MemoryDeliveryLog({ max: 1 } as never), 'unknown option max; known are maxRecords'],
  ['events in memory', () => new MemoryDeliveryEvents({ max: 1 } as never), 'unknown option max; known are maxEvents'],
  ['a log with null', () => new MemoryDeliveryLog(null as never), 'MemoryDeliveryLog: pass { maxRecords }'],
  [
    'activities with a misspelt guard',
    () => createActivities({ ...ports, egressOptions: { denyCidrs: ['198.51.100.0/24'] } } as never),
    'createActivities: unknown option egressOptions; known are artifacts, secrets, log,',
  ],
  [
    'a URL for events with a misspelt secret',
    () => webhookWorkerParts({ ...ports, log: 'none', deliveryEvents: { url, secret_ref: 'own' } } as never),
    'option deliveryEvents: unknown option secret_ref; known are url, secretRef',
  ],
  [
    'a misspelt metric',
    () => webhookWorkerParts({ ...ports, log: 'none', metrics: { endpoint: 5 } } as never),
    'metrics: unknown option endpoint; known are endpoints',
  ],
  [
    'a check of settings with a misspelt guard',
    () => parseWebhookConfig({}, 'call', { Egress: {} } as never),
    'parseWebhookConfig: unknown option Egress; known are egress',
  ],
  [
    'a signed request',
    () => signTestRequest('{}', 'whsec_x', { attempts: 2 } as never),
    'signTestRequest: unknown option attempts; known are id, at, attempt, previous',
  ],
  [
    'an outage',
    () => new FakeWebhookClient().takeDown({ loosing: 'answers' } as never),
    'takeDown: unknown option loosing; known are losing, error',
  ],
  [
    'another kind of outage',
    () => new FakeWebhookClient().takeDown({ losing: 'answer' } as never),
    "takeDown: losing is 'requests' or 'answers'",
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

test.each<[string, () => Promise<unknown>, string]>([
  ['a receiver with a misspelt secret', () => openReceiver({ secrets: 'x' } as never), 'unknown option secrets; known'],
  ['a receiver with a misspelt answer', () => openReceiver({ answers: ['silent' as never] }), 'answer: pass a status'],
  ['a receiver that only informs', () => openReceiver({ answers: [103] }), 'answer: pass a status from 200 up'],
  [
    'a receiver with a misspelt delay',
    () => openReceiver({ answers: [{ status: 200, delay: 5 } as never] }),
    'answer: unknown option delay; known are status, headers, body, delayMs',
  ],
  ['virtual time', () => openVirtualTime({ workers: {} } as never), 'unknown option workers; known are worker,'],
  [
    'a misspelt endpoint',
    async () => (await fakeRun()).deliver({ endpoint: 'ep_1' } as never),
    'unknown option endpoint;',
  ],
  [
    'an answer of the receiver',
    async () => (await fakeRun()).answer({ status: 503 } as never),
    'unknown option status;',
  ],
  ['a word', async () => (await fakeRun()).answer('timeout' as never), 'answer: pass { outcome, code }'],
  ['a result', async () => (await fakeRun()).answer({ outcome: 'http', code: 'x' } as never), 'answer: pass an HTTP'],
  ['a status that is none', async () => (await fakeRun()).fail(99), 'answer: 99 is no status that ends an attempt'],
  ['artifacts', async () => (await fakeRun()).freeze({ call_summary: 'x' } as never), 'unknown option call_summary;'],
])('what a test misspells is refused where it says it: %s', async (_what, say, words) => {
  const refused = expect(say()).rejects;
  await refused.toThrow(TypeError);
  await expect(say()).rejects.toThrow(words);
});

test.each<[string, () => unknown, string]>([
  [
    'how find tells of skipped runs',
    () => new FakeWebhookClient().find({}, { on_skipped: method } as never),
    'options of find refused: the input: no field "on_skipped"; perhaps "on_skipped" means onSkipped',
  ],
  [
    'nothing for that',
    () => new FakeWebhookClient().find({}, null as never),
    'options of find refused: the input: null',
  ],
  [
    'the options of a fake',
    () => new FakeWebhookClient(null as never),
    'WebhookClient options refused: the input: null',
  ],
  ['a list of them', () => new FakeWebhookClient([] as never), 'WebhookClient options refused: the input: an array'],
])('the client refuses it as wrong input: %s', (_what, ask, words) => {
  expect(ask).toThrow(expect.objectContaining({ code: 'invalid_input', message: expect.stringContaining(words) }));
});

test.each([
  ['a misspelt dry run', { dry_run: true }, 'no field "dry_run"; perhaps "dry_run" means dryRun'],
  ['a dry run that is a text', { dryRun: 'no' }, 'dryRun: a string of 2 characters'],
  ['nothing', null, 'the input: null: must be an object'],
])('reconcile refuses %s: it would write, or not write', async (_what, options, words) => {
  const asked = new FakeWebhookClient().reconcile(new MemoryDeliveryLog(), options as never);
  await expect(asked).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining(words) });
});

test.each([0, Number.NaN, 1.5, -1])('events in memory cannot be %p', (maxEvents) => {
  expect(() => new MemoryDeliveryEvents({ maxEvents })).toThrow(
    `MemoryDeliveryEvents: maxEvents is ${maxEvents}; it must be a whole number from 1 up`,
  );
});
