/**
 * The bodies of the `campaign.*` events and of `webhook.test`, as receivers get them. They share one shape. Events
 * that can happen to a campaign more than once always have an `occurrence`. The schemas are published, as in
 * call-body.ts.
 */
import * as z from 'zod';
import type { CampaignEventName } from '../event-types.ts';
import { MAX_COUNTER_NAME } from '../repairs/stats.ts';
import {
  bodyIdSchema,
  bodyMetadataSchema,
  bodyTextSchema,
  bodyTimeSchema,
  countSchema,
  TIME_FORM,
} from './body-fields.ts';

const OCCURRENCE = 'Tells repeated events of a campaign apart.';

const once = bodyIdSchema.nullable().meta({ description: `${OCCURRENCE} \`null\` if it was not given.` });
const repeatable = bodyIdSchema.meta({ description: `${OCCURRENCE} Never \`null\` for this event.`, examples: ['2'] });

/** Body of a `campaign.*` event, or of `webhook.test`, which has the same fields. They stand in the order they are
 *  sent. */
function campaignBody<E extends CampaignEventName | 'webhook.test', O extends z.ZodType>(
  event: E,
  occurrence: O,
  { title, description }: { readonly title: string; readonly description: string },
) {
  return z
    .looseObject({
      event: z.literal(event).meta({ description: 'Name of the event; signed, unlike the header.' }),
      campaign_id: bodyIdSchema.meta({ description: 'Id of the campaign.', examples: ['camp_abc123'] }),
      name: bodyTextSchema
        .nullable()
        .meta({ description: 'Name of the campaign. `null` if it is not known.', examples: ['Sales Outreach'] }),
      status: bodyTextSchema.nullable().meta({
        description:
          'Status of the campaign, such as `running`: free text, not a fixed list. `null` if it is not known.',
        examples: ['running'],
      }),
      total_leads: countSchema
        .nullable()
        .meta({ description: 'Number of leads of the campaign. `null` if it is not known.', examples: [20] }),
      stats: z.record(z.string().max(MAX_COUNTER_NAME), countSchema).meta({
        description:
          'Number of leads by outcome. The numbers normally add up to `total_leads`. The keys are not fixed.',
        examples: [{ pending: 20, completed: 0, failed: 0 }],
      }),
      created_at: bodyTimeSchema.nullable().meta({
        description: `When the campaign was created: ${TIME_FORM}. \`null\` if this is not known.`,
        examples: ['2025-12-22T09:00:00Z'],
      }),
      started_at: bodyTimeSchema.nullable().meta({
        description: `When the campaign began: ${TIME_FORM}. \`null\` if it has not begun.`,
        examples: ['2025-12-22T10:00:00Z'],
      }),
      end_at: bodyTimeSchema.nullable().meta({
        description: `When the campaign ended: ${TIME_FORM}. \`null\` if it has not ended.`,
        examples: ['2025-12-22T18:00:00Z'],
      }),
      reason: bodyTextSchema.nullable().meta({
        description: 'Why it was paused or stopped: free text. `null` if no reason was given.',
        examples: ['outside calling hours'],
      }),
      metadata: bodyMetadataSchema('campaign'),
      occurrence,
    })
    .meta({ title, description });
}

/** Bodies of the campaign events, by event. */
export const campaignBodySchemas = {
  'campaign.started': campaignBody('campaign.started', once, {
    title: 'CampaignStarted',
    description: 'A campaign began. Sent at once.',
  }),
  'campaign.completed': campaignBody('campaign.completed', once, {
    title: 'CampaignCompleted',
    description:
      'A campaign has worked through its leads. Sent some seconds after its end, ' +
      'so that the webhook of its last call normally comes first.',
  }),
  'campaign.paused': campaignBody('campaign.paused', repeatable, {
    title: 'CampaignPaused',
    description: 'A campaign was paused. Only for endpoints that subscribe to it.',
  }),
  'campaign.resumed': campaignBody('campaign.resumed', repeatable, {
    title: 'CampaignResumed',
    description: 'A paused campaign goes on. Only for endpoints that subscribe to it.',
  }),
  'campaign.stopped': campaignBody('campaign.stopped', repeatable, {
    title: 'CampaignStopped',
    description: 'A campaign was stopped before its end. Only for endpoints that subscribe to it.',
  }),
};

/** Body of `webhook.test`. */
export const webhookTestBodySchema = campaignBody('webhook.test', repeatable, {
  title: 'WebhookTest',
  description:
    'A test, sent on request, even if the endpoint has not subscribed to it. It has one attempt. ' +
    'Answer 2xx and do nothing.',
});
