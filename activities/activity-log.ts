/** Where the activities' log lines go: a logger of the host's, else the SDK's own activity logger. */
import { Context } from '@temporalio/activity';
import { errorName } from './within.ts';

/** A pino logger, or anything of its shape. */
export type WebhookLogger = {
  readonly [Level in 'info' | 'warn' | 'error']: (fields: object, message: string) => void;
};

/** How activities speak: a dotted message and its fields. Ids and numbers only. */
export type ActivityLog = {
  readonly [Level in 'info' | 'warn' | 'error']: (message: string, fields: Record<string, unknown>) => void;
};

/** Lines to `logger`, each with the run's ids; without one to the activity's context logger, which adds them itself. */
export function activityLog(logger?: WebhookLogger): ActivityLog {
  const at =
    (level: keyof ActivityLog) =>
    (message: string, fields: Record<string, unknown>): void => {
      const { info, log } = Context.current();
      if (logger === undefined) return log[level](message, fields);
      const { workflowId, runId } = info.workflowExecution ?? {};
      try {
        logger[level]({ workflowId, runId, activityId: info.activityId, ...fields }, message);
      } catch (error) {
        // A throw after a 2xx would fail the attempt, and the receiver would get a second POST.
        log.warn('webhook.logger_threw', { line: message, error: errorName(error) });
      }
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
