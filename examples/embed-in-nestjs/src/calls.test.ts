/** The engine without Temporal: the client is replaced by the fake, and everything else is the real app. */
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Test } from '@nestjs/testing';
import { WebhookClient } from '@topcalls/webhooks/client';
import { FakeWebhookClient } from '@topcalls/webhooks/testing';
import { AppModule } from './app.module';

const CALL = {
  status: 'failed',
  phone_number: '+14155551234',
  from_phone_number: '+18005551234',
  created_at: '2026-01-31T10:30:00Z',
  account_id: 'acct_1',
  webhook_url: 'https://crm.example.com/calls',
};

async function start() {
  const webhooks = new FakeWebhookClient();
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(WebhookClient)
    .useValue(webhooks)
    .compile();
  const app = module.createNestApplication();
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const ask = async (path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' };
    const method = body === undefined ? 'GET' : 'POST';
    const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { webhooks, ask, close: () => app.close() };
}

test('a call that ends starts its webhook once', async () => {
  const { webhooks, ask, close } = await start();
  const first = await ask('/calls/call-1/end', CALL);
  assert.deepEqual(first.body, { webhook: 'call-webhook/call-1', alreadyReported: false });
  assert.equal((await ask('/calls/call-1/end', CALL)).body.alreadyReported, true);
  webhooks.run('call-webhook/call-1').answer(503);
  assert.equal((await ask('/calls/call-1/webhook')).body.state, 'retrying');
  await close();
});

test('a wrong call is a 400, an unknown one a 404, and while Temporal is down the answer is 503', async () => {
  const { webhooks, ask, close } = await start();
  assert.equal((await ask('/calls/call-1/end', { ...CALL, status: 'perhaps' })).status, 400);
  assert.equal((await ask('/calls/call-2/webhook')).status, 404);
  webhooks.takeDown();
  assert.equal((await ask('/calls/call-1/end', CALL)).status, 503);
  assert.deepEqual(
    webhooks.reports.map(({ outcome }) => outcome),
    ['rejected', 'rejected'],
  );
  await close();
});
