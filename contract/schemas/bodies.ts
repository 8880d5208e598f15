/** Every event's body in one table, for the published documents and for receivers in TypeScript. Named by ./contract. */
import type * as z from 'zod';
import type { EventName } from '../event-types.ts';
import { callCompletedBodySchema, callFailedBodySchema } from './call-body.ts';
import { campaignBodySchemas, webhookTestBodySchema } from './campaign-body.ts';

/** zod schema of each event's body, by event, in the order docs list them. Unknown fields pass: later versions add some.
 *  @example const call = bodySchemas['call.completed'].parse(webhook.payload); // call.duration: minutes */
export const bodySchemas = {
  'call.completed': callCompletedBodySchema,
  'call.failed': callFailedBodySchema,
  ...campaignBodySchemas,
  'webhook.test': webhookTestBodySchema,
} as const satisfies Record<EventName, z.ZodType>;
