/**
 * The bodies of `contract/event-bodies.ts` as a schema, for receivers that want a body checked and not only verified.
 * Keys it does not know pass: a sender may be newer than its receivers.
 */
import * as z from 'zod';
import type { WebhookEvent } from '../event-bodies.ts';
import { CAMPAIGN_EVENTS } from '../event-types.ts';

const artifactStatusSchema = z.enum(['ready', 'unavailable', 'timed_out', 'not_expected', 'too_large']);

const callBodyShape = {
  call_id: z.string(),
  phone_number: z.string(),
  from_phone_number: z.string(),
  call_status: z.string(),
  duration: z.number().min(0),
  transcript: z.array(z.looseObject({ id: z.number(), user: z.string(), text: z.string(), created_at: z.string() })),
  recording_url: z.string().nullable(),
  call_summary: z.string().nullable(),
  answered_by: z.string().nullable(),
  campaign_id: z.string().nullable(),
  lead_id: z.string().nullable(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  end_at: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  artifacts: z
    .looseObject({
      recording: artifactStatusSchema,
      transcript: artifactStatusSchema,
      summary: artifactStatusSchema,
    })
    .exactOptional(),
};

const campaignBodyShape = {
  campaign_id: z.string(),
  name: z.string(),
  status: z.string(),
  total_leads: z.number().int().min(0),
  stats: z.record(z.string(), z.number()),
  created_at: z.string(),
  started_at: z.string().nullable(),
  end_at: z.string().nullable(),
  reason: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  occurrence: z.string().nullable(),
};

/** Any body this version knows, told apart by `event`. */
export const webhookEventSchema = z.discriminatedUnion('event', [
  z.looseObject({ event: z.literal('call.completed'), status: z.literal('completed'), ...callBodyShape }),
  z.looseObject({
    event: z.literal('call.failed'),
    status: z.literal('failed'),
    error_message: z.string().nullable().exactOptional(),
    ...callBodyShape,
  }),
  z.looseObject({ event: z.enum([...CAMPAIGN_EVENTS, 'webhook.test']), ...campaignBodyShape }),
]);

/** What is wrong with a body: the field's path, and what it should be. Never a value. */
export type BodyProblem = { readonly field: string; readonly problem: string };

/** Checks a body; the body itself comes back, not a copy. */
export function checkBody(
  body: unknown,
):
  | { readonly ok: true; readonly event: WebhookEvent }
  | { readonly ok: false; readonly problems: readonly BodyProblem[] } {
  const checked = webhookEventSchema.safeParse(body);
  if (checked.success) return { ok: true, event: body as WebhookEvent };
  const problems = checked.error.issues.map(({ path, message }) => ({ field: path.join('.'), problem: message }));
  return { ok: false, problems };
}
