/**
 * Decides whether a run's attempts may be handed out eagerly, which is in the answer to the workflow task that
 * schedules them. That saves a seventh of the CPU, and the server counts no such attempt towards the limits of the
 * task queue. Why the client decides: docs/decisions/0027.
 */
import type { Client } from '@temporalio/client';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { hasLimits } from './queue-limits.ts';

/** How long the limits are waited for, ms. */
const MAX_WAIT_MS = 1_000;

/** The input with the decision, which a run keeps to its end. An input that has one keeps it. Never rejects: without
 *  an answer it takes what was known before, else that there is no limit. */
export async function withDecidedEagerness(
  client: Client,
  input: AnyRunInput,
  { taskQueue, timeoutMs }: { readonly taskQueue: string; readonly timeoutMs: number },
): Promise<AnyRunInput> {
  const isDecided = input.policy.eagerDelivery === false;
  if (isDecided || !(await hasLimits(client, taskQueue, Math.min(MAX_WAIT_MS, timeoutMs / 4)))) return input;
  return { ...input, policy: { ...input.policy, eagerDelivery: false } };
}
