/** The dialer without a Temporal server: `npm test` runs Jest. */
const { beforeEach, expect, test } = require('@jest/globals');
const { FakeWebhookClient } = require('@topcalls/webhooks/testing');
const { Dialer } = require('./engine.js');

/** @type {import('@topcalls/webhooks/testing').FakeWebhookClient} */
let webhooks;
/** @type {InstanceType<typeof Dialer>} */
let dialer;
beforeEach(() => {
  webhooks = new FakeWebhookClient();
  dialer = new Dialer(webhooks);
});

/** @returns {import('@topcalls/webhooks/client').CallEnded} */
const call = (change = {}) => ({
  call_id: 'call-1',
  status: 'completed',
  phone_number: '+14155551234',
  from_phone_number: '+18005551234',
  created_at: '2026-01-31T10:30:00Z',
  account_id: 'acct_1',
  webhook_url: 'https://crm.example.com/calls',
  ...change,
});
const noWait = async () => {};

test('a call is reported with its customer’s endpoint, and one that nobody wants is not', async () => {
  expect(await dialer.endCall(call(), noWait)).toBe('call-webhook/call-1');
  expect(await dialer.endCall(call({ call_id: 'call-2', webhook_events: [] }), noWait)).toBe('nobody wants it');
  expect(webhooks.reports.map(({ outcome }) => outcome)).toEqual(['started', 'not_subscribed']);
});

test('while Temporal is down the report is made again, later each time', async () => {
  /** @type {number[]} */
  const waits = [];
  webhooks.takeDown();
  await dialer.endCall(call(), async (ms) => {
    if (waits.push(ms) === 3) webhooks.bringUp();
  });
  expect(waits).toEqual([1_000, 2_000, 4_000]);
  expect(webhooks.reports.at(-1)).toMatchObject({ outcome: 'started', report: { call_id: 'call-1' } });
});

test('each pause of a campaign is an event of its own', async () => {
  const campaign = { id: 'camp-1', name: 'Outreach', leads: 20, webhook_url: 'https://crm.example.com/campaigns' };
  await dialer.pause(campaign, 'lunch');
  await dialer.pause(campaign, 'evening');
  expect(webhooks.reports).toMatchObject([{ report: { reason: 'lunch' } }, { report: { reason: 'evening' } }]);
  const [first, second] = webhooks.reports.map(({ run }) => run?.deliver().body);
  expect(JSON.parse(first ?? '')).toMatchObject({ event: 'campaign.paused', reason: 'lunch', occurrence: '1' });
  expect(JSON.parse(second ?? '').occurrence).toBe('2');
});

test('what has failed is sent again, with the same ids', async () => {
  await dialer.endCall(call(), noWait);
  await dialer.endCall(call({ call_id: 'call-2' }), noWait);
  const failed = webhooks.run('call-webhook/call-1').fail(500);
  webhooks.run('call-webhook/call-2').deliver();
  expect(await dialer.sendFailedAgain()).toBe(1);
  expect(webhooks.controls).toMatchObject([{ method: 'redeliver', answer: { cycle: 2 } }]);
  const again = webhooks.run('call-webhook/call-1').deliver();
  expect(again.input.endpoints).toEqual(failed.input.endpoints);
});

test('odd data is repaired, and the dialer can see it in its tests', async () => {
  await dialer.endCall(call({ status: 'Completed', duration: '2.5' }), noWait);
  expect(webhooks.warnings).toMatchObject([
    { code: 'repaired', field: 'status' },
    { code: 'repaired', field: 'duration' },
  ]);
});
