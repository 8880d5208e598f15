/** The engine without a Temporal server: `npm test` runs node's own test runner. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeWebhookClient } from '@topcalls/webhooks/testing';
import { Engine } from './engine.js';

/** @type {FakeWebhookClient} */
let webhooks;
/** @type {Engine} */
let engine;
beforeEach(() => {
  webhooks = new FakeWebhookClient();
  engine = new Engine({ webhooks });
});

/** A call that nobody answered, with its customer's endpoint.
 *  @returns {import('@topcalls/webhooks/client').CallEnded} */
const call = (change = {}) => ({
  call_id: 'call-1',
  status: 'failed',
  phone_number: '+14155551234',
  from_phone_number: '+18005551234',
  created_at: '2026-01-31T10:30:00Z',
  account_id: 'acct_1',
  webhook_url: 'https://crm.example.com/calls',
  ...change,
});

test('a call that has ended is reported once, to its customer’s endpoint', async () => {
  await engine.endCall(call());
  await engine.flush();
  assert.equal(webhooks.reports.length, 1);
  const { event, endpoints } = webhooks.run('call-webhook/call-1').input;
  assert.deepEqual([event, endpoints[0]?.host, endpoints[0]?.secretRef], ['call.failed', 'crm.example.com', 'acct_1']);
});

test('while Temporal is down, the report waits in the outbox; it is made once', async () => {
  webhooks.takeDown({ losing: 'answers' });
  await engine.endCall(call());
  assert.equal(engine.outbox.length, 1);
  webhooks.bringUp();
  await engine.flush();
  assert.equal(engine.outbox.length, 0);
  // The first report had started the run, and only its answer was lost.
  assert.deepEqual(
    webhooks.reports.map(({ outcome }) => outcome),
    ['rejected', 'already_reported'],
  );
});

test('a report that can never be accepted goes to a person, and stops no other', async () => {
  await engine.endCall(call({ call_id: '' }));
  await engine.endCall(call({ call_id: 'call-2' }));
  assert.match(engine.broken[0]?.problem ?? '', /call_id/);
  assert.equal(engine.outbox.length, 0);
  assert.equal(webhooks.reports.at(-1)?.outcome, 'started');
});

test('support sees the attempts, and stops a webhook', async () => {
  await engine.endCall(call());
  webhooks.run('call-webhook/call-1').answer(503);
  assert.deepEqual(await engine.webhookOf('call-1'), { state: 'retrying', attempts: 1 });
  assert.deepEqual(await engine.stopWebhook('call-1', 'the customer asked'), { accepted: true });
  assert.equal((await engine.webhookOf('call-1')).state, 'cancelled');
});
