/** The record of one ended delivery, as the delivery log keeps it, with a schema for logs that read it back. */
import * as z from 'zod';
import { ATTEMPT_OUTCOMES, ATTEMPT_TRIGGERS, FINAL_STATES } from '../delivery-state.ts';
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

/** The record of one ended delivery: ids, host, final state, attempts. It holds no URL, phone number, body or secret.
 *  Its key is (webhookId, cycle, runId). */
export const deliveryRecordSchema = z.object({
  webhookId: z.string(),
  /** 1 for the first run; each redelivery adds 1. */
  cycle: z.number().int().min(1),
  endpointId: z.string(),
  host: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  event: z.enum(EVENT_NAMES),
  callId: z.string().exactOptional(),
  campaignId: z.string().exactOptional(),
  accountId: z.string().exactOptional(),
  state: z.enum(FINAL_STATES),
  /** Stable reason code; absent when delivered. */
  reason: z.string().exactOptional(),
  attempts: z.array(attemptSchema).readonly(),
  /** Size in bytes and SHA-256 of the body; absent when no attempt was made. */
  bodyBytes: z.number().int().exactOptional(),
  bodySha256: z.string().exactOptional(),
  /** Start and end of the run, ISO 8601 UTC with milliseconds. */
  startedAt: z.string(),
  endedAt: z.string(),
});
export type DeliveryRecord = z.output<typeof deliveryRecordSchema>;
