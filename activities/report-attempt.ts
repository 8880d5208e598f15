/** Reports a failed attempt to its own run. Temporal itself keeps only the last failure, and none after a cancel. */
import type { Context } from '@temporalio/activity';
import { SIGNALS } from '../contract/names.ts';
import type { AttemptReport } from '../contract/run-messages.ts';
import type { ActivityLog } from './activity-log.ts';
import { errorFacts } from './port-error.ts';

/** Long enough for a busy server; with the attempt's 15 s still within the activity's 30 s. */
const REPORT_DEADLINE_MS = 5_000;

/** Sends the report as a signal, best effort. The failure's details hold the same report, so a lost signal loses only
 *  attempts before the last. Never throws. */
export async function reportAttempt(context: Context, report: AttemptReport, say: ActivityLog): Promise<void> {
  const run = context.info.workflowExecution;
  if (run === undefined) return;
  try {
    const { client } = context;
    await client.withDeadline(Date.now() + REPORT_DEADLINE_MS, async () =>
      client.workflow.getHandle(run.workflowId, run.runId).signal(SIGNALS.attemptFailed, report),
    );
  } catch (error) {
    say.warn('webhook.attempt_not_reported', {
      endpointId: report.endpointId,
      attempt: report.attempt.number,
      ...errorFacts(error),
    });
  }
}
