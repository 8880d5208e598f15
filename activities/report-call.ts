/** Reports an ended call or a campaign event, for callers in any language. The client's errors become failures. */
import { Context } from '@temporalio/activity';
import type { ReportAnswer } from '../contract/report-answer.ts';
import type { ActivityLog } from './activity-log.ts';
import { reportFailed, takesNoReports } from './delivery-failure.ts';
import { errorFacts } from './port-error.ts';
import type { CallReports } from './ports/call-reports.ts';

/** Makes the activity `reportCall`. `reports` is undefined where the host takes none. Then it fails, and Temporal tries
 *  again: another worker of the task queue may take them. */
export function makeReportCall(reports: CallReports | undefined, say: ActivityLog) {
  return async function reportCall(input?: unknown, options?: unknown): Promise<ReportAnswer> {
    if (reports === undefined) throw takesNoReports();
    const { client, info } = Context.current();
    try {
      const answer = await reports.report(input, options, { client, taskQueue: info.taskQueue });
      const { workflowId, subscribed, alreadyReported, webhooks, warnings } = answer;
      const level = answer.reportedDifferently === null ? 'info' : 'warn';
      say[level]('webhook.reported', {
        webhookRun: workflowId,
        subscribed,
        alreadyReported,
        endpoints: webhooks.length,
        warnings: [...new Set(warnings.map(({ code }) => code))],
      });
      return answer;
    } catch (error) {
      const failure = reportFailed(error);
      const facts = { ...errorFacts(error), attempt: info.attempt, willBeRetried: failure.nonRetryable !== true };
      say.warn('webhook.report_failed', { ...facts, errorMessage: failure.message });
      throw failure;
    }
  };
}
