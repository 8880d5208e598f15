/** What the log tells of an error that a host's port threw: code and class, and its message only if it says that it may. */
import { expect, test } from '@jest/globals';
import { HttpArtifactSource } from '../../adapters/http-artifact-source.ts';
import { aDelivery, runActivity } from '../support/run-activity.ts';

const PRIVATE = 'postgres://admin:hush@db/+14155551234';
const fetchInput = { callId: 'call-1', expects: { recording: true, transcript: true, summary: true }, deadlineMs: 0 };

/** The line of a poll whose source throws this. */
async function lineOf(thrown: unknown) {
  const artifacts = { fetch: () => Promise.reject(thrown) };
  const { lines } = await runActivity((own) => own.fetchArtifacts(fetchInput), { ports: { artifacts } });
  expect(JSON.stringify(lines)).not.toContain('hush');
  return lines.find(({ message }) => message === 'webhook.artifacts_not_fetched');
}

test('an error with a code has code and class, and not its message', async () => {
  const line = await lineOf(Object.assign(new TypeError(PRIVATE), { code: 'ECONNREFUSED' }));
  expect(line).toMatchObject({ level: 'warn', callId: 'call-1', error: 'ECONNREFUSED', errorClass: 'TypeError' });
  expect(line).not.toHaveProperty('errorMessage');
});

test('an error without a code has its class', async () => {
  expect(await lineOf(new RangeError(PRIVATE))).toMatchObject({ error: 'RangeError' });
});

test('an error that marks its message as safe has it, too, cut to 500 characters', async () => {
  const safe = Object.assign(new Error('no row yet'), { code: 'no_row', safeToLog: true });
  expect(await lineOf(safe)).toMatchObject({ error: 'no_row', errorClass: 'Error', errorMessage: 'no row yet' });
  const long = Object.assign(new Error('x'.repeat(501)), { safeToLog: true });
  expect(await lineOf(long)).toMatchObject({ error: 'Error', errorMessage: 'x'.repeat(500) });
});

test.each(['true', 1, { message: PRIVATE }])('a mark of %j is none', async (safeToLog) => {
  expect(await lineOf(Object.assign(new Error(PRIVATE), { safeToLog }))).not.toHaveProperty('errorMessage');
});

test.each([PRIVATE, undefined, null, 7, { message: PRIVATE }])(
  'what is no error is told as unknown: %#',
  async (thrown) => {
    expect(await lineOf(thrown)).toMatchObject({ error: 'unknown_error' });
  },
);

test('our own artifact source says what to check', async () => {
  const artifacts = new HttpArtifactSource({ baseUrl: 'http://127.0.0.1:1/api' });
  const { lines } = await runActivity((own) => own.fetchArtifacts(fetchInput), { ports: { artifacts } });
  expect(lines[0]).toMatchObject({
    error: 'artifact_source_down',
    errorClass: 'ArtifactSourceError',
    errorMessage: 'artifact source 127.0.0.1:1 did not answer (ECONNREFUSED)',
  });
});

test('the line of a secret store that throws has the same fields', async () => {
  const secrets = {
    forEndpoint: () => Promise.reject(Object.assign(new Error('vault is sealed'), { code: 'sealed', safeToLog: true })),
  };
  const { lines } = await runActivity((own) => own.deliverWebhook(aDelivery('http://127.0.0.1:1/')), {
    ports: { secrets },
  });
  expect(lines[0]).toMatchObject({
    message: 'webhook.secret_store_down',
    error: 'sealed',
    errorClass: 'Error',
    errorMessage: 'vault is sealed',
  });
});
