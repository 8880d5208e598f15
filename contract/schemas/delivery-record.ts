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
  /** Of a cancelled delivery: the reason of the cancel, and the identity of who asked, as Temporal knows it. */
  cancelReason: z.string().exactOptional(),
  cancelledBy: z.string().exactOptional(),
  /** Of a terminated run: the reason of the Terminate or Reset, and the identity of who asked. */
  terminateReason: z.string().exactOptional(),
  terminatedBy: z.string().exactOptional(),
  attempts: z.array(attemptSchema).readonly(),
  /** Size in bytes and SHA-256 of the body; absent when no attempt was made. */
  bodyBytes: z.number().int().exactOptional(),
  bodySha256: z.string().exactOptional(),
  /** Start and end of the run, ISO 8601 UTC with milliseconds. */
  startedAt: z.string(),
  endedAt: z.string(),
  /** When the run's first attempt was promised for: its start and the settle delay, of a redelivery its start. ISO 8601
   *  UTC with milliseconds. Absent if the run was reset, and in records of versions that did not know it. */
  promisedAt: z.string().exactOptional(),
  /** Names of the fields that could not be stored as they came, for example text with U+0000. They were changed or
   *  left out. Absent if all fields are as they came. */
  repaired: z.array(z.string()).readonly().exactOptional(),
});
export type DeliveryRecord = z.output<typeof deliveryRecordSchema>;
