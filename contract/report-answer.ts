/** What the activity `reportCall` answers, as JSON that any language reads. Every field is always there. Types only. */
import type { WebhookWarning } from './schemas/client-options.ts';

/** One webhook of a report: the event to one endpoint. */
export type ReportedWebhook = {
  readonly endpointId: string;
  readonly host: string;
  /** The header `webhook-id` of every attempt. */
  readonly webhookId: string;
};

/** What became of a report. */
export type ReportAnswer = {
  /** Whether any endpoint has subscribed to the event. If not, nothing was started, which is no error. */
  readonly subscribed: boolean;
  /** Id of the webhook's run. Null if nobody has subscribed. */
  readonly workflowId: string | null;
  /** Whether an earlier report had started the run, so that this one started nothing. */
  readonly alreadyReported: boolean;
  /** What the earlier report said otherwise, in words without values. Null if nothing differs. */
  readonly reportedDifferently: string | null;
  /** The webhooks of the run, one for each endpoint. Empty if nobody has subscribed. */
  readonly webhooks: readonly ReportedWebhook[];
  /** What was repaired, and what is odd about the settings. */
  readonly warnings: readonly WebhookWarning[];
};
