/** Types only: the activities as workflows call them, and the ports a host passes in. */
import type { CollectedArtifacts } from '../contract/collected-artifacts.ts';
import type { EgressOptions } from '../contract/egress/policy.ts';
import type { ReportAnswer } from '../contract/report-answer.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type {
  Delivered,
  DeliverInput,
  FetchInput,
  NotifyInput,
  Recorded,
  WaitForUsInput,
} from '../contract/run-messages.ts';
import type { WebhookLogger } from './activity-log.ts';
import type { ArtifactSource } from './ports/artifact-source.ts';
import type { CallReports } from './ports/call-reports.ts';
import type { DeliveryEvents, NotifyEndpoint } from './ports/delivery-events.ts';
import type { DeliveryLog } from './ports/delivery-log.ts';
import type { SigningSecrets } from './ports/signing-secrets.ts';

/** The ports and settings of the activities. */
export type ActivityPorts = {
  /** Where recordings, transcripts and summaries come from. */
  readonly artifacts: ArtifactSource;
  /** Finds a signing secret by its reference. */
  readonly secrets: SigningSecrets;
  /** Where final states are stored. `'none'`: nowhere. They are then kept in Temporal only, and end with its
   *  retention. No log has the same effect; say `'none'` if that is what you want. */
  readonly log?: DeliveryLog | 'none';
  /** Is told of deliveries that fail, have failed or recover: a port of the host, or a URL of its own. Default: nobody
   *  is told, and runs cost nothing more. */
  readonly deliveryEvents?: DeliveryEvents | NotifyEndpoint;
  /** Takes the reports of other languages for the activity `reportCall`: `callReports()` of `./client`. Default: this
   *  worker takes none. */
  readonly reports?: CallReports;
  /** A pino logger, or one of its shape; gets one line per attempt. Default: the SDK's activity logger. */
  readonly logger?: WebhookLogger;
  /** Where webhooks may go. Default: https to public addresses only. */
  readonly egress?: EgressOptions;
  /** What is measured, see docs/metrics.md. `endpoints`: how many endpoints get a label of their own in
   *  `topcalls_webhook_attempts`, 0 to 20. Default 0: no such label, so nobody can tell customers apart. */
  readonly metrics?: { readonly endpoints?: number };
};

/** The seven activities. Register them under exactly these names. */
export type WebhookActivities = {
  /** Polls the artifact source once. Fails as `ArtifactsPending`, which is retried, until every expected artifact is
   *  there or the deadline has passed. */
  fetchArtifacts(input: FetchInput): Promise<CollectedArtifacts>;
  /** Makes one signed attempt. Fails as `WebhookAttemptFailed`, which the ladder retries, or as `EndpointGone` or
   *  `DeliveryRefused`, which end the delivery. Fails as `WebhookNotSent` if our own side could not send; the workflow
   *  then runs `waitForUs` and makes the same attempt again. */
  deliverWebhook(input: DeliverInput): Promise<Delivered>;
  /** Returns once our own side can send. Fails as `WebhookNotReady` until then, which is retried without limit. */
  waitForUs(input: WaitForUsInput): Promise<void>;
  /** Stores a final state; safe to call again. Fails as `DeliveryLogUnavailable`, which is retried without limit. */
  recordDelivery(record: DeliveryRecord): Promise<Recorded>;
  /** Tells the host of a delivery. Fails as `HostNotNotified`, which is retried without limit. Runs call it only after
   *  a worker that has `deliveryEvents` has said so. */
  notifyDelivery(input: NotifyInput): Promise<void>;
  /** Asks the server to cancel the run that called this activity. */
  cancelOwnRun(): Promise<void>;
  /** Reports an ended call or a campaign event, as `WebhookClient` does. For callers in any language: from a workflow,
   *  or as a standalone activity. `input` is the JSON, `options` may have options of the client. Fails with the name of
   *  the client's error as type, not retried where the error is not retryable. Runs of ours never call it. */
  reportCall(input?: unknown, options?: unknown): Promise<ReportAnswer>;
};
