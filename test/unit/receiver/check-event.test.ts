/** Bodies by type and by schema: both say the same of what the sender renders. */
import { describe, expect, it, test } from '@jest/globals';
import { campaignEventSchema } from '../../../contract/schemas/campaign-event.ts';
import type { webhookEventSchema } from '../../../contract/schemas/event-bodies.ts';
import { CAMPAIGN_EVENTS } from '../../../contract/event-types.ts';
import { renderCampaignBody } from '../../../contract/render-body.ts';
import { checkEvent, receive } from '../../../receiver/index.ts';
import type { CallFailedEvent, WebhookEvent, WebhookEventOf } from '../../../receiver/index.ts';
import { BODY } from './signed-request.ts';

// Compiles only while the hand-written types say what the schema says.
const asTypes = (event: ReturnType<typeof webhookEventSchema.parse>): WebhookEvent => event;
const bodiesOfCampaign: WebhookEventOf<'campaign.paused'>['reason'] = null;
const typed = receive({
  secret: 'whsec_',
  on: {
    'call.completed': (call) => call.call_id satisfies string,
    'campaign.paused': (campaign) => campaign.reason satisfies string | null,
    // @ts-expect-error: an event nobody sends
    'call.answered': () => undefined,
  },
});
const narrowed = (event: WebhookEvent): string | null | undefined =>
  event.event === 'call.failed' ? (event satisfies CallFailedEvent).error_message : undefined;

const body = JSON.parse(BODY) as Record<string, unknown>;

describe('checkEvent', () => {
  it('accepts the vendor’s sample and keys that a newer sender adds, and gives the body back', async () => {
    const newer = { ...body, sentiment: 'good' };
    expect(await checkEvent(newer)).toEqual({ ok: true, event: newer });
  });

  it.each([...CAMPAIGN_EVENTS, 'webhook.test' as const])('accepts what the sender renders for %s', async (event) => {
    const {
      webhook_url: _,
      webhook_events: _events,
      secret_ref: _ref,
      ...campaign
    } = campaignEventSchema.parse({
      event,
      campaign_id: 'camp_1',
      name: 'Sales',
      status: 'running',
      total_leads: 2,
      stats: { pending: 2 },
      created_at: '2025-12-22T10:30:00Z',
      occurrence: '1',
    });
    expect(await checkEvent(JSON.parse(renderCampaignBody(campaign, event).body))).toMatchObject({ ok: true });
  });

  it.each([
    [{ duration: '2.5' }, 'duration'],
    [{ transcript: [{ id: 1, user: 'user', text: 7, created_at: '' }] }, 'transcript.0.text'],
    [{ status: 'failed' }, 'status'],
    [{ event: 'call.transferred' }, 'event'],
    [{ call_id: undefined }, 'call_id'],
  ])('names the field that is wrong in %j, and never a value', async (change, field) => {
    const checked = await checkEvent({ ...body, ...change, call_summary: 'hush' });
    expect(checked).toMatchObject({ ok: false, problems: [{ field, problem: expect.any(String) }] });
    expect(JSON.stringify(checked)).not.toContain('hush');
  });

  it.each([undefined, null, 7, 'text', []])('refuses %p', async (given) => {
    expect(await checkEvent(given)).toMatchObject({ ok: false });
  });
});

test('the types above are in use', () => {
  expect([asTypes, bodiesOfCampaign, typed, narrowed]).toHaveLength(4);
});
