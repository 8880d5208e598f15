/** Whatever is wrong with the settings of some endpoints, the good one is delivered, and the bad ones are visible. */
import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CallEnded, WebhookHandle, WebhookWarning } from '../../client/index.ts';
import { endpointIdOf } from '../../client/delivery-ids.ts';
import { readRun } from '../../client/read-run.ts';
import { withRefusedBy } from '../../client/refused-by.ts';
import { VERSION } from '../../contract/version.ts';
import { aFailedCall } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';

const SECRET_TEXT = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NOBODY = 'https://nobody.example.com';

let stage: Stage;
let good: Receiver;
beforeAll(async () => {
  good = await startReceiver();
  stage = await openStage({ address: devServer().address, webhooks: { retryDelaysMs: [] } });
});
afterAll(async () => {
  await stage.close();
  await good.close();
});

async function report(endpoints: readonly unknown[], change: Partial<CallEnded> = {}) {
  const warnings: WebhookWarning[] = [];
  const webhooks = stage.webhooksWith({ onWarning: (warning) => void warnings.push(warning) });
  const { webhook_url: _none, secret_ref: _ref, ...call } = aFailedCall();
  const handle = await webhooks.callEnded({ ...call, endpoints: endpoints as CallEnded['endpoints'], ...change });
  if (handle === undefined) throw new Error('nobody subscribed');
  return { handle, warnings, result: await handle.result() };
}

test('kinds of bad settings beside a good endpoint: it is delivered; refused ones are shown and recorded', async () => {
  const before = good.requests.length;
  const { handle, warnings, result } = await report(
    [
      null,
      NOBODY,
      12,
      { webhook_url: `${NOBODY}/secret`, secret_ref: SECRET_TEXT },
      { webhook_url: `${NOBODY}/buffer`, secret_ref: Buffer.from(SECRET_TEXT) },
      { webhook_url: `${NOBODY}/none`, webhook_events: ['nope'] },
      { webhook_url: { href: NOBODY }, secret_ref: 'main' },
      { webhook_url: `https://example.com/${'x'.repeat(5_000)}`, secret_ref: 'main' },
      { url: NOBODY },
      { webhook_url: `${good.url}#fragment`, webhook_events: 'call.completed,call.failed', secret_ref: 'main' },
    ],
    { campaign: 'camp_1' as never, account_id: 'acct_1' },
  );
  expect(good.requests.length - before).toBe(1);
  expect(result.deliveries.map(({ state, reason }) => [state, reason])).toEqual([
    ['refused', 'secret_in_reference'],
    ['refused', 'secret_ref_invalid'],
    ['refused', 'url_chars'],
    ['refused', 'url_length'],
    ['delivered', undefined],
  ]);
  expect(result.deliveries.at(-1)?.endpointId).toBe(endpointIdOf(good.url));
  expect(warnings.map(({ code }) => code).sort()).toEqual([
    ...Array.from({ length: 2 }, () => 'endpoint_refused'),
    ...Array.from({ length: 4 }, () => 'endpoint_skipped'),
    'no_url',
    'repaired',
    'unknown_event',
  ]);
  const records = stage.log.records().filter(({ workflowId }) => workflowId === handle.workflowId);
  expect(records.map(({ state, reason }) => reason ?? state).sort()).toEqual([
    'delivered',
    'secret_in_reference',
    'secret_ref_invalid',
    'url_chars',
    'url_length',
  ]);
  // No option of a worker decided these.
  expect(await refusedBy(handle)).toEqual([]);
  await expectNowhere(handle, [warnings, result, records, stage.lines]);
});

test('what the options of a worker refuse names that worker, to the command `status` alone', async () => {
  const { handle, result } = await report([
    { webhook_url: 'http://10.0.0.1/hook', secret_ref: 'main' },
    { webhook_url: good.url, secret_ref: 'acct_of_another_worker' },
  ]);
  expect(result.deliveries.map(({ reason }) => reason)).toEqual(['address', 'secret_unknown']);
  const identity = `${process.pid}@${hostname()} topcalls-webhooks/${VERSION}`;
  expect(await refusedBy(handle)).toEqual([identity, identity]);
  expect(JSON.stringify([result, await handle.status()])).not.toContain('refusedBy');
});

test('of twelve endpoints ten are delivered to; the others are refused, and a redelivery has room for them', async () => {
  const before = good.requests.length;
  const endpoints = Array.from({ length: 12 }, (_, index) => ({
    webhook_url: `${good.url}/${index}`,
    secret_ref: 'main',
  }));
  const { handle, result, warnings } = await report(endpoints);
  expect(result.deliveries.map(({ state, reason }) => reason ?? state)).toEqual([
    ...Array.from({ length: 10 }, () => 'delivered'),
    'too_many_endpoints',
    'too_many_endpoints',
  ]);
  expect(good.requests.length - before).toBe(10);
  expect(warnings.map(({ code }) => code)).toEqual(['too_many_endpoints']);
  await handle.redeliver();
  expect((await handle.result()).state).toBe('delivered');
  const sent = good.requests.slice(before);
  expect(sent).toHaveLength(12);
  expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
  expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(12);
});

test('a refused endpoint alone is a run that ends refused; the same for a campaign', async () => {
  const { handle, result } = await report([{ webhook_url: NOBODY, secret_ref: SECRET_TEXT }]);
  expect(result).toMatchObject({ state: 'refused', deliveries: [{ reason: 'secret_in_reference' }] });
  await expectNowhere(handle, [result]);
  await handle.redeliver();
  expect((await handle.result()).deliveries).toMatchObject([{ state: 'refused', reason: 'secret_in_reference' }]);
  const event = { event: 'campaign.started', campaign_id: handle.workflowId.replace('/', '-'), name: 'n', status: 's' };
  const counts = { total_leads: 0, stats: {}, created_at: '2026-01-31T10:30:00Z' };
  const settings = { webhook_url: NOBODY, webhook_events: 'campaign.started', secret_ref: SECRET_TEXT };
  const campaign = await stage.webhooks.campaignEvent({ ...event, ...counts, ...settings } as never);
  expect((await campaign?.result())?.deliveries).toMatchObject([{ state: 'refused', reason: 'secret_in_reference' }]);
});

/** The secret's text is in nothing that is kept or told. */
/** The workers that the command `status` names. */
async function refusedBy(handle: WebhookHandle): Promise<readonly (string | undefined)[]> {
  const { deliveries } = await handle.status();
  const named = withRefusedBy(deliveries, await readRun(stage.client, handle.workflowId));
  return named.filter((each) => 'refusedBy' in each).map((each) => each.refusedBy);
}

async function expectNowhere(handle: WebhookHandle, places: readonly unknown[]): Promise<void> {
  const history = await stage.client.workflow.getHandle(handle.workflowId).fetchHistory();
  const bytes = JSON.stringify([history, places], (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  expect(bytes).toContain('secret_in_reference');
  expect(bytes).not.toContain('MfKQ9r8G');
}
