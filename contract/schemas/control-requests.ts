/** What the methods of a handle accept. Unknown keys are refused: otherwise a misspelt
 *  `endpointId` would mean every endpoint. */
import * as z from 'zod';
import { MAX_CANCEL_REASON } from '../limits.ts';

/** A week, in ms. A timer of Node ends at once above 24 days. */
const MAX_RESULT_TIMEOUT_MS = 604_800_000;

const endpointIdSchema = z.string().min(1, { error: 'must be an endpoint id (ep_…)' }).optional();

/** `reason` stands in the outcome and in history, so it must hold no personal data. `letGo` cancels nothing: it closes
 *  a run that only waits until the host takes an event. So it goes alone. */
export const cancelRequestSchema = z
  .strictObject({
    reason: z
      .string()
      .max(MAX_CANCEL_REASON, { error: `at most ${MAX_CANCEL_REASON} characters` })
      .optional(),
    endpointId: endpointIdSchema,
    letGo: z.boolean().optional(),
  })
  .check(({ value: { reason, endpointId, letGo: input }, issues }) => {
    if (input !== true || (reason ?? endpointId) === undefined) return;
    const message = 'cancels nothing and closes the run, so it takes neither reason nor endpointId';
    issues.push({ code: 'custom', path: ['letGo'], input, message });
  });

export const retryNowRequestSchema = z.strictObject({ endpointId: endpointIdSchema });

/** `force`: also endpoints that have the webhook already. */
export const redeliverRequestSchema = z.strictObject({ endpointId: endpointIdSchema, force: z.boolean().optional() });

/** `timeoutMs`: how long to wait, in ms, from 1 to a week. Default: until the run ends. */
export const resultRequestSchema = z.strictObject({
  timeoutMs: z
    .number()
    .int()
    .min(1, { error: 'must be at least 1 ms' })
    .max(MAX_RESULT_TIMEOUT_MS, { error: `at most ${MAX_RESULT_TIMEOUT_MS} ms` })
    .optional(),
});

/** What `result` of a handle takes. */
export type ResultRequest = z.input<typeof resultRequestSchema>;

/** `showUrl`: with the whole URL, whose path or query may hold a token; default false. `runId`: of an earlier run;
 *  default the latest. */
export const requestOptionsSchema = z.strictObject({
  showUrl: z.boolean().optional(),
  runId: z
    .guid({ error: 'must be the id of a run, as `find` and the Web UI show it (8-4-4-4-12 hex digits)' })
    .optional(),
});

/** What `request` of a handle takes. */
export type RequestOptions = z.input<typeof requestOptionsSchema>;
