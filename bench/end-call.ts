/** Workflow code of bench/report-costs.ts: an engine's workflow that reports a call, and the same one without. */
import { proxyActivities } from '@temporalio/workflow';
import type { WebhookActivities } from '../activities/index.ts';

/** Reports `call` by the activity of the worker of `taskQueue`. */
export async function endCall(call: object, taskQueue: string): Promise<void> {
  await proxyActivities<WebhookActivities>({ taskQueue, startToCloseTimeout: '10 seconds' }).reportCall(call);
}

/** An engine's workflow that does nothing. */
export async function doNothing(): Promise<void> {}
