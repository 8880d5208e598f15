/** One final state as the delivery log keeps it, and its schema for logs that read it back. */
import * as z from 'zod';
import { ATTEMPT_OUTCOMES, ATTEMPT_TRIGGERS } from '../delivery-state.ts';
import { EVENT_NAMES } from '../event-types.ts';

const attemptSchema = z.object({
  number: z.number().int(),
  trigger: z.enum(ATTEMPT_TRIGGERS),
  startedAt: z.string(),
  durationMs: z.number(),
  outcome: z.enum(ATTEMPT_OUTCOMES),
  status: z.number().int().exactOptional(),
  code: z.string().exactOptional(),
  nextAttemptAt: z.string().exactOptional(),
});

/** Ids, host, final state and attempts; no URL, phone number, body or secret. Unique by (webhookId, cycle, runId). */
export const deliveryRecordSchema = z.object({
  webhookId: z.string(),
  /** 1 for the first run, counted up by each redelivery. */
  cycle: z.number().int().min(1),
  endpointId: z.string(),
  host: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  event: z.enum(EVENT_NAMES),
  callId: z.string().exactOptional(),
  campaignId: z.string().exactOptional(),
  accountId: z.string().exactOptional(),
  state: z.enum(['delivered', 'failed', 'gone', 'refused', 'cancelled', 'terminated']),
  /** Stable reason code; absent where delivered. */
  reason: z.string().exactOptional(),
  attempts: z.array(attemptSchema).readonly(),
  /** Absent where no attempt was made. */
  bodyBytes: z.number().int().exactOptional(),
  bodySha256: z.string().exactOptional(),
  /** ISO 8601 UTC with milliseconds. */
  startedAt: z.string(),
  endedAt: z.string(),
});
export type DeliveryRecord = z.output<typeof deliveryRecordSchema>;
