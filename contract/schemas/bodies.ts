/** The schema of each event's body. The published documents are made from it, and the door ./contract exports it. */
import type * as z from 'zod';
import type { EventName } from '../event-types.ts';
import { callCompletedBodySchema, callFailedBodySchema } from './call-body.ts';
import { campaignBodySchemas, webhookTestBodySchema } from './campaign-body.ts';

/** zod schema of each event's body, by event name. Unknown fields are accepted, because later versions add fields.
 *  @example const call = bodySchemas['call.completed'].parse(webhook.payload); // call.duration: minutes */
export const bodySchemas = {
  'call.completed': callCompletedBodySchema,
  'call.failed': callFailedBodySchema,
  ...campaignBodySchemas,
  'webhook.test': webhookTestBodySchema,
} as const satisfies Record<EventName, z.ZodType>;
