/** Where the activities write their log lines: to the host's logger, or to the SDK's activity logger. */
import { Context } from '@temporalio/activity';
import { logFields } from '../contract/log-fields.ts';
import { errorFacts } from './port-error.ts';

/** A pino logger, or anything of its shape. */
export type WebhookLogger = {
  readonly [Level in 'info' | 'warn' | 'error']: (fields: object, message: string) => void;
};

/** One log line of an activity: a message such as `webhook.attempted`, and fields with ids and numbers only. */
export type ActivityLog = {
  readonly [Level in 'info' | 'warn' | 'error']: (message: string, fields: Record<string, unknown>) => void;
};

/** Writes to `logger` and adds the run's ids to each line. Without `logger`, writes to the SDK's activity logger,
 *  which adds the ids itself. A logger that throws changes nothing else. */
export function activityLog(logger?: WebhookLogger): ActivityLog {
  const at =
    (level: keyof ActivityLog) =>
    (message: string, unsafe: Record<string, unknown>): void => {
      const fields = logFields(unsafe);
      const { info, log } = Context.current();
      if (logger === undefined) return log[level](message, fields);
      const { workflowId, runId } = info.workflowExecution ?? {};
      try {
        logger[level]({ workflowId, runId, activityId: info.activityId, ...fields }, message);
      } catch (error) {
        // Caught: a throw after a 2xx would fail the attempt, and the receiver would get a second POST.
        log.warn('webhook.logger_threw', { line: message, ...errorFacts(error) });
      }
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
