/** What `cancel`, `retryNow` and `redeliver` of a handle accept. Unknown keys are refused: otherwise a misspelt
 *  `endpointId` would mean every endpoint. */
import * as z from 'zod';

const endpointIdSchema = z.string().min(1, { error: 'must be an endpoint id (ep_…)' }).optional();

/** `reason` stands in the outcome and in history, so it must hold no personal data. */
export const cancelRequestSchema = z.strictObject({
  reason: z.string().max(500, { error: 'at most 500 characters' }).optional(),
  endpointId: endpointIdSchema,
});

export const retryNowRequestSchema = z.strictObject({ endpointId: endpointIdSchema });

/** `force`: also endpoints that have the webhook already. */
export const redeliverRequestSchema = z.strictObject({ endpointId: endpointIdSchema, force: z.boolean().optional() });
