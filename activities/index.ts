/** Door ./activities: the activities a host registers in its own worker, and the ports it implements. */
export { createActivities } from './create-activities.ts';
export type { WebhookLogger } from './activity-log.ts';
export type { ActivityPorts, WebhookActivities } from './activity-types.ts';
export type { Artifact, ArtifactSource, FetchedArtifacts, TranscriptLine } from './ports/artifact-source.ts';
export type { CallReports, ReportingWorker } from './ports/call-reports.ts';
export type { ReportAnswer, ReportedWebhook } from '../contract/report-answer.ts';
export type { DeliveryEvent, DeliveryEventKind } from '../contract/delivery-event.ts';
export type { DeliveryEvents, NotifyEndpoint, NotifyOptions } from './ports/delivery-events.ts';
export type { DeliveryLog } from './ports/delivery-log.ts';
export type { SecretSet, SigningSecrets } from './ports/signing-secrets.ts';
