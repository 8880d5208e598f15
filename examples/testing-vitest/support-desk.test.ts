/** The support desk without a Temporal server: `npm test` runs Vitest. */
import { FakeWebhookClient, openReceiver, type FakeRun } from '@topcalls/webhooks/testing';
import { beforeEach, expect, test } from 'vitest';
import { SupportDesk } from './support-desk.js';

let webhooks: FakeWebhookClient;
let desk: SupportDesk;
let run: FakeRun;

beforeEach(async () => {
  webhooks = new FakeWebhookClient();
  desk = new SupportDesk(webhooks);
  await webhooks.callEnded({
    call_id: 'call-1',
    status: 'failed',
    phone_number: '+14155551234',
    from_phone_number: '+18005551234',
    created_at: '2026-01-31T10:30:00Z',
    account_id: 'acct_1',
    webhook_url: 'https://crm.example.com/calls',
  });
  run = webhooks.run('call-webhook/call-1');
});

test('the screen shows what failed last and what comes next', async () => {
  expect(await desk.row('call-1')).toEqual({ callId: 'call-1', state: 'delivering' });
  run.answer({ outcome: 'network', code: 'connect_refused' });
  expect(await desk.row('call-1')).toMatchObject({
    state: 'retrying',
    last: 'connect_refused',
    next: expect.stringMatching(/Z$/),
  });
  run.deliver();
  expect((await desk.row('call-1')).state).toBe('delivered');
  expect(await desk.row('call-2')).toEqual({ callId: 'call-2', state: 'no webhook' });
});

test('"try again" hurries an attempt that waits, and sends again what has ended', async () => {
  run.answer(503);
  expect(await desk.tryAgain('call-1')).toBe('hurried');
  run.fail();
  expect(await desk.tryAgain('call-1')).toBe('sent again');
  expect(webhooks.controls.map(({ method }) => method)).toEqual(['retryNow', 'retryNow', 'redeliver']);
});

test('"test this endpoint" says how the test ended', async () => {
  const state = desk.testEndpoint('https://crm.example.com/calls', 'acct_1');
  await expect.poll(() => webhooks.reports.at(-1)?.report).toMatchObject({ event: 'webhook.test' });
  webhooks.reports.at(-1)?.run?.fail(401);
  expect(await state).toBe('failed');
});

test('a receiver of the test verifies what a sender of ours signs', async () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const receiver = await openReceiver({ secret, answers: [204] });
  const { signTestRequest } = await import('@topcalls/webhooks/receiver');
  const { headers, body } = signTestRequest('{"event":"webhook.test"}', secret);
  expect((await fetch(receiver.url, { method: 'POST', headers, body })).status).toBe(204);
  expect(await receiver.received(1)).toMatchObject([{ attempt: 1, verified: { ok: true, event: 'webhook.test' } }]);
  await receiver.close();
});
