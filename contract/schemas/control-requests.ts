/** What the control calls of a handle take. Strict: a misspelt `endpointId` would otherwise mean every endpoint. */
import * as z from 'zod';

const endpointIdSchema = z.string().min(1, { error: 'must be an endpoint id (ep_…)' }).optional();

/** `reason` stands in the outcome and in history: no personal data. */
export const cancelRequestSchema = z.strictObject({
  reason: z.string().max(500, { error: 'at most 500 characters' }).optional(),
  endpointId: endpointIdSchema,
});

export const retryNowRequestSchema = z.strictObject({ endpointId: endpointIdSchema });

/** `force`: also what was delivered. */
export const redeliverRequestSchema = z.strictObject({ endpointId: endpointIdSchema, force: z.boolean().optional() });
