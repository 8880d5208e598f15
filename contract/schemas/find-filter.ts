/** What to look for among webhook runs, checked before it becomes a visibility query: nothing a caller gives is quoted there. */
import * as z from 'zod';
import { EVENT_NAMES } from '../event-types.ts';
import { idSchema } from './fields.ts';

/** States that Temporal's list can tell apart. `failed`: closed as Failed, so failed, gone or refused. `retrying`: running,
 *  after a failed attempt. `terminated`: ended by force or by a time-out of the server. */
export const FINDABLE_STATES = ['running', 'retrying', 'delivered', 'failed', 'cancelled', 'terminated'] as const;

const momentSchema = z
  .union([z.date(), z.string()])
  .refine((time) => !Number.isNaN(new Date(time).getTime()), {
    error: 'must be a Date, or a time like 2026-06-01T00:00:00Z',
  })
  .transform((time) => new Date(time).toISOString());

export const findFilterSchema = z.strictObject({
  state: z.enum(FINDABLE_STATES).optional(),
  endpointId: z
    .string()
    .regex(/^ep_[A-Za-z0-9_-]{12}$/, { error: 'must be an endpoint id: ep_ and 12 characters' })
    .optional(),
  campaignId: idSchema.optional(),
  accountId: idSchema.optional(),
  event: z.enum(EVENT_NAMES).optional(),
  /** A Date or ISO 8601; of an ended state its end, else its start. At or after. */
  since: momentSchema.optional(),
  /** A Date or ISO 8601; before. */
  until: momentSchema.optional(),
});

export type FindableState = (typeof FINDABLE_STATES)[number];
/** What `WebhookClient.find` looks for. Everything given must hold; nothing given finds every run of ours. */
export type FindFilter = z.input<typeof findFilterSchema>;
export type CheckedFindFilter = z.output<typeof findFilterSchema>;
