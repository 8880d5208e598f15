/**
 * JSON Schemas of what the activity `reportCall` takes and answers, for engines in other languages. They say what is
 * right: what they accept is sent without a repair. More than that is read, see docs/embed.md. Pure.
 */
import * as z from 'zod';
import { CALL_EVENTS, CAMPAIGN_EVENTS } from '../../contract/index.ts';
import { MAX_ERROR_MESSAGE_LENGTH, MAX_TEXT_LENGTH, MAX_URL_LENGTH } from '../../contract/limits.ts';
import { MAX_ENDPOINTS } from '../../contract/run-limits.ts';
import { MAX_ID_LENGTH } from '../../contract/workflow-id.ts';
import { type JsonSchema, plainer } from './json-schemas.ts';

const id = (description: string) => z.string().min(1).max(MAX_ID_LENGTH).meta({ description });
const text = (description: string, most = MAX_TEXT_LENGTH) => z.string().max(most).nullable().meta({ description });
const time = (description: string) =>
  z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/)
    .meta({ format: 'date-time' })
    .nullable()
    .meta({ description: `${description}: ISO 8601 with \`Z\` or an offset. Fractions of a second are cut off.` });
const metadata = z
  .record(z.string(), z.unknown())
  .optional()
  .meta({ description: 'The customer’s own data. Receivers are promised at most 50 keys, 16 KiB and 20 levels.' });

const ACCOUNT = id('Id of the account: the default `secret_ref`, the key for fairness and a search attribute.')
  .nullable()
  .optional();

/** The settings of one endpoint. `level`: what they stand on. */
const endpointFields = (events: readonly string[]) => ({
  webhook_url: z
    .string()
    .max(MAX_URL_LENGTH)
    .nullable()
    .optional()
    .meta({ description: 'URL of the receiver: https. Missing or null: no endpoint.' }),
  webhook_events: z
    .array(z.enum(events))
    .nullable()
    .optional()
    .meta({ description: 'Events that it gets. `[]`: none. Missing: the defaults, see docs/embed.md.' }),
  secret_ref: text('Reference to the signing secret, never the secret itself. Missing: `account_id`.').optional(),
});

const endpointSchema = z.looseObject(endpointFields([...CAMPAIGN_EVENTS, ...CALL_EVENTS]));

const callEnded = z
  .looseObject({
    call_id: id('Id of the call, unique across all accounts. A call has one webhook, however often it is reported.'),
    status: z.enum(['completed', 'failed']).meta({ description: 'Decides the event.' }),
    phone_number: text('Number that was called. Null if it is not known.'),
    from_phone_number: text('Number it was called from. Null if it is not known.'),
    call_status: text('The finer status in the words of the telephony side, such as `no-answer`.').optional(),
    duration: z
      .number()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .nullable()
      .optional()
      .meta({ description: 'Length in **minutes**: 2.5 is 2 min 30 s. Missing: computed from start and end.' }),
    answered_by: text('Who or what answered, such as `human` or `voicemail`.').optional(),
    campaign_id: id('Id of the campaign.').nullable().optional(),
    lead_id: text('Id of the lead.').optional(),
    created_at: time('When the call was ordered'),
    started_at: time('When the call began').optional(),
    end_at: time('When the call ended').optional(),
    metadata,
    error_message: text('Why the call failed. Sent on `call.failed`.', MAX_ERROR_MESSAGE_LENGTH).optional(),
    account_id: ACCOUNT,
    expects: z
      .looseObject({
        recording: z.boolean().optional(),
        transcript: z.boolean().optional(),
        summary: z.boolean().optional(),
      })
      .nullable()
      .optional()
      .meta({ description: 'Which artifacts the call should have. The run waits for those. Default: all three.' }),
    ...endpointFields(CALL_EVENTS),
    campaign: endpointSchema.nullable().optional().meta({ description: 'Settings of the call’s campaign.' }),
    endpoints: z
      .array(endpointSchema)
      .max(MAX_ENDPOINTS)
      .nullable()
      .optional()
      .meta({ description: `The account’s endpoints. With all others they are at most ${MAX_ENDPOINTS}.` }),
  })
  .meta({ title: 'CallEnded', description: 'An ended call, as an engine reports it. Unknown fields are ignored.' });

const campaignEvent = z
  .looseObject({
    event: z.enum([...CAMPAIGN_EVENTS, 'webhook.test']).meta({ description: 'What happened.' }),
    campaign_id: id('Id of the campaign, unique across all accounts.'),
    name: text('Name of the campaign.'),
    status: text('Free text, such as `running`.'),
    total_leads: z.int().min(0).nullable().meta({ description: 'Number of leads of the campaign.' }),
    stats: z.record(z.string(), z.int().min(0)).meta({
      description: 'Number of leads by outcome. Together they should be `total_leads`.',
    }),
    created_at: time('When the campaign was created'),
    started_at: time('When the campaign began').optional(),
    end_at: time('When the campaign ended').optional(),
    reason: text('Why the campaign was paused or stopped.').optional(),
    metadata,
    occurrence: id(
      'Tells one pause from the next. It must stay the same when the same pause is reported again. ' +
        'Required for paused, resumed, stopped and `webhook.test`.',
    )
      .nullable()
      .optional(),
    account_id: ACCOUNT,
    ...endpointFields([...CAMPAIGN_EVENTS, ...CALL_EVENTS]),
  })
  .meta({
    title: 'CampaignEvent',
    description: 'A campaign event, as an engine reports it. Unknown fields are ignored.',
  });

const reportAnswer = z
  .looseObject({
    subscribed: z.boolean().meta({ description: 'False: no endpoint has subscribed, so nothing was started.' }),
    workflowId: z.string().nullable().meta({ description: 'Id of the webhook’s run. Null if nothing was started.' }),
    alreadyReported: z.boolean().meta({ description: 'True: an earlier report had started the run.' }),
    reportedDifferently: z
      .string()
      .nullable()
      .meta({ description: 'What the earlier report said otherwise, in words without values.' }),
    webhooks: z
      .array(z.looseObject({ endpointId: z.string(), host: z.string(), webhookId: z.string() }))
      .meta({ description: 'One for each endpoint. `webhookId` is the header `webhook-id`.' }),
    warnings: z
      .array(
        z.looseObject({
          code: z.string(),
          message: z.string(),
          field: z.string().optional(),
          problem: z.string().optional(),
        }),
      )
      .meta({ description: 'What was repaired or is odd. Codes: docs/errors.md.' }),
  })
  .meta({ title: 'ReportAnswer', description: 'What `reportCall` answers. Later versions may add fields.' });

const DOCUMENTS = { 'call-ended': callEnded, 'campaign-event': campaignEvent, 'report-answer': reportAnswer };

/** The documents by name. */
export function reportSchemas(): Readonly<Record<keyof typeof DOCUMENTS, JsonSchema>> {
  const entries = Object.entries(DOCUMENTS).map(([name, schema]) => {
    const { $schema, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', override: plainer });
    return [name, { $schema, $id: `tag:topcalls.ai,2025:webhooks/reports/${name}`, ...json }];
  });
  return Object.fromEntries(entries) as Record<keyof typeof DOCUMENTS, JsonSchema>;
}
