/** Port: takes reports of ended calls and campaign events. `callReports()` of ./client is made for it, so that a worker
 *  that takes no reports loads no client. */
import type { Context } from '@temporalio/activity';
import type { ReportAnswer } from '../../contract/report-answer.ts';

/** The worker that runs the activity. The client is that of the activity: the worker's connection, namespace and data
 *  converter. */
export type ReportingWorker = { readonly client: Context['client']; readonly taskQueue: string };

/** Reports what came to Temporal. */
export type CallReports = {
  /** Starts the run of a call or campaign event, or finds the one that an earlier report started. `input` and `options`
   *  are whatever a caller sent. Rejects with errors that have a `code` and `retryable`; their messages hold nothing
   *  private. */
  report(input: unknown, options: unknown, worker: ReportingWorker): Promise<ReportAnswer>;
};
