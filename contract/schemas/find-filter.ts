/** The filter for finding webhook runs. It is checked before it becomes a visibility query, so no value needs
 *  escaping. */
import * as z from 'zod';
import { EVENT_NAMES } from '../event-types.ts';
import { MOMENT_RULE, readMoment } from '../moment.ts';
import { idSchema } from './fields.ts';

/** The states that Temporal's list can tell apart.
 *  - `running`: not ended, `retrying` and `waiting_for_us` included
 *  - `retrying`: running, after a failed attempt. `waiting_for_us` is included
 *  - `waiting_for_us`: running, and our own side cannot send
 *  - `failed`: an endpoint did not take it, and every attempt is spent
 *  - `gone`: a receiver answered 410
 *  - `refused`: our own rules forbid a request
 *  A run's state is the worst of its deliveries'. Runs without our search attributes that are gone or refused count as
 *  `failed`, because Temporal's list shows no more of them.
 *  - `terminated`: ended by force, or by a timeout of the server */
export const FINDABLE_STATES = [
  'running',
  'retrying',
  'waiting_for_us',
  'delivered',
  'failed',
  'gone',
  'refused',
  'cancelled',
  'terminated',
] as const;

const momentSchema = z.union([z.date(), z.string()]).transform((time, context) => {
  const read = readMoment(time);
  if (read !== undefined) return read;
  context.addIssue({ code: 'custom', message: `must be a Date, or ${MOMENT_RULE}` });
  return z.NEVER;
});

export const findFilterSchema = z.strictObject({
  /** One state, or a list of them. */
  state: z.union([z.enum(FINDABLE_STATES), z.array(z.enum(FINDABLE_STATES)).min(1)]).optional(),
  endpointId: z
    .string()
    .regex(/^ep_[A-Za-z0-9_-]{12}$/, { error: 'must be an endpoint id: ep_ and 12 characters' })
    .optional(),
  campaignId: idSchema.optional(),
  accountId: idSchema.optional(),
  event: z.enum(EVENT_NAMES).optional(),
  /** At or after this time: a Date or ISO 8601. It means the run's end if `state` is an ended one, else its start. */
  since: momentSchema.optional(),
  /** Before this time: a Date or ISO 8601. It means the same end or start. */
  until: momentSchema.optional(),
  /** Started at or after this time, whatever the state. */
  startedSince: momentSchema.optional(),
  /** Started before this time, whatever the state. */
  startedUntil: momentSchema.optional(),
});

const listenerSchema = z.custom((value) => typeof value === 'function', { error: 'must be a function' }).optional();

/** The second argument of `find`. */
export const findOptionsSchema = z.strictObject({ onSkipped: listenerSchema });

/** The options of `reconcile`. */
export const reconcileOptionsSchema = findFilterSchema.extend({
  dryRun: z.boolean().optional(),
  onReconciled: listenerSchema,
  onProgress: listenerSchema,
});

/** A state that `find` can look for. */
export type FindableState = (typeof FINDABLE_STATES)[number];
/** What `WebhookClient.find` looks for. A run must match every given field. An empty filter finds all webhooks. */
export type FindFilter = z.input<typeof findFilterSchema>;
export type CheckedFindFilter = z.output<typeof findFilterSchema>;
