/** A campaign event as the engine reports it, with the campaign's webhook settings. The client checks it. */
import * as z from 'zod';
import { CAMPAIGN_EVENTS } from '../event-types.ts';
import {
  idSchema,
  metadataSchema,
  optionalIdSchema,
  optionalTextSchema,
  optionalTimeSchema,
  textSchema,
  timeSchema,
} from './fields.ts';
import { endpointSettingsSchema } from './webhook-config.ts';

const countSchema = z
  .number()
  .int()
  .min(0, { error: 'must be a count from 0 up' })
  .refine((count) => !Object.is(count, -0), { error: 'must be a count from 0 up' });

/** Events that can happen to a campaign more than once. Each needs an `occurrence`, which tells them apart. */
const REPEATABLE: ReadonlySet<string> = new Set([
  'campaign.paused',
  'campaign.resumed',
  'campaign.stopped',
  'webhook.test',
]);

/** The campaign event. Unknown fields are ignored. */
export const campaignEventSchema = z
  .object({
    event: z.enum([...CAMPAIGN_EVENTS, 'webhook.test']),
    campaign_id: idSchema,
    name: textSchema,
    /** Free text, e.g. `running`. */
    status: textSchema,
    total_leads: countSchema,
    /** Number of leads by outcome, e.g. `{ pending: 20, completed: 0, failed: 0 }`. The sum must be `total_leads`. */
    stats: z.record(z.string().max(100, { error: 'at most 100 characters' }), countSchema),
    created_at: timeSchema,
    started_at: optionalTimeSchema,
    end_at: optionalTimeSchema,
    /** Why the campaign was paused or stopped. */
    reason: optionalTextSchema,
    metadata: metadataSchema,
    /** Tells one pause from the next. Any id; it must stay the same when the same pause is reported again. */
    occurrence: optionalIdSchema,
    ...endpointSettingsSchema.shape,
    account_id: optionalIdSchema,
  })
  .superRefine((campaign, context) => {
    const counters = Object.entries(campaign.stats);
    const sum = counters.reduce((total, [, count]) => total + count, 0);
    if (sum !== campaign.total_leads) {
      const message = `must add up to total_leads, ${campaign.total_leads}; they add up to ${sum}`;
      context.addIssue({ code: 'custom', path: ['stats'], message });
    }
    if (campaign.occurrence === null && REPEATABLE.has(campaign.event)) {
      const message = `required for ${campaign.event}, which can happen more than once; send an id of this one`;
      context.addIssue({ code: 'custom', path: ['occurrence'], params: { kind: 'missing' }, message });
    }
  });

/** What `campaignEvent` takes. */
export type CampaignEvent = z.input<typeof campaignEventSchema>;
/** The checked event: every field is present and normalised. */
export type ParsedCampaignEvent = z.output<typeof campaignEventSchema>;

/** The part of a campaign event from which the body is made. It is part of the workflow's input. */
export type CampaignData = Omit<ParsedCampaignEvent, 'event' | 'webhook_url' | 'webhook_events' | 'secret_ref'>;
