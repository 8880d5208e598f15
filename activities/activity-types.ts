/** The activities as workflows call them, and what a host hands in to make them. Types only. */
import type { CollectedArtifacts } from '../contract/collected-artifacts.ts';
import type { EgressOptions } from '../contract/egress/policy.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { Delivered, DeliverInput, FetchInput } from '../contract/run-messages.ts';
import type { WebhookLogger } from './activity-log.ts';
import type { ArtifactSource } from './ports/artifact-source.ts';
import type { DeliveryLog } from './ports/delivery-log.ts';
import type { SigningSecrets } from './ports/signing-secrets.ts';

/** What the host plugs in. */
export type ActivityPorts = {
  /** Recordings, transcripts, summaries. */
  readonly artifacts: ArtifactSource;
  /** Signing secrets by reference. */
  readonly secrets: SigningSecrets;
  /** Where final states are kept; default nowhere but in Temporal. */
  readonly log?: DeliveryLog;
  /** A pino logger for one line per attempt; default the SDK's activity logger. */
  readonly logger?: WebhookLogger;
  /** Where webhooks may go; default https to public addresses only. */
  readonly egress?: EgressOptions;
};

export type WebhookActivities = {
  /** One poll of the artifact source. Fails as `ArtifactsPending`, retried, until all is there or the deadline is past. */
  fetchArtifacts(input: FetchInput): Promise<CollectedArtifacts>;
  /** One signed attempt. Fails as `WebhookAttemptFailed` (retried by the ladder), `EndpointGone` or `DeliveryRefused`. */
  deliverWebhook(input: DeliverInput): Promise<Delivered>;
  /** Stores a final state; idempotent. Fails as `DeliveryLogUnavailable`, retried without limit. */
  recordDelivery(record: DeliveryRecord): Promise<void>;
  /** Asks the server to cancel the run that called it. */
  cancelOwnRun(): Promise<void>;
};
