/** The messages between client, workflow and activities: inputs, reports, signals. Histories keep them. Types only. */
import type { ArtifactStatuses, Attempt, DeliveryOutcome, DeliveryStatus } from './delivery-state.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';
import type { Endpoint } from './endpoints.ts';
import type { CallData, CampaignData, Expects, Repair } from './event-data.ts';
import type { CallEventName, CampaignEventName, EventName } from './event-types.ts';

/** The part of the input that runs of both workflows have. */
export type RunInput = {
  readonly event: EventName;
  readonly endpoints: readonly Endpoint[];
  readonly policy: DeliveryPolicy;
  /** Whether the namespace knows our search attributes. If not, the run sets none. */
  readonly searchAttributes: boolean;
  readonly accountId?: string;
  /** Present on a redelivery. */
  readonly redelivery?: Redelivery;
  /** What the client changed about the reported data. At most 25 entries; absent when there is nothing. */
  readonly repairs?: readonly Repair[];
};

/** Input of `callWebhook`. */
export type CallWebhookInput = RunInput & {
  readonly event: CallEventName;
  readonly call: CallData;
  readonly expects: Expects;
};

/** A redelivery sends the same body with the same ids again, with a fresh ladder. */
export type Redelivery = {
  /** 2 for the first redelivery. */
  readonly cycle: number;
  /** The body of the first run; absent when that run ended before the body was frozen. */
  readonly body?: string;
  readonly artifacts?: ArtifactStatuses;
  /** Ids of the endpoints that have the webhook already and get it again, by force. Absent in runs of older clients. */
  readonly alreadyDelivered?: readonly string[];
  /** Endpoints that this run does not deliver to, with their earlier outcomes. The outcomes count in the close
   *  status. A later redelivery reads the endpoints from here. */
  readonly alreadyEnded: readonly { readonly endpoint: Endpoint; readonly outcome: DeliveryOutcome }[];
};

/** Input of `campaignWebhook`. */
export type CampaignWebhookInput = RunInput & {
  readonly event: CampaignEventName | 'webhook.test';
  readonly campaign: CampaignData;
};

/** Input of either workflow. */
export type AnyRunInput = CallWebhookInput | CampaignWebhookInput;

/** Ids that stand in a delivery's log lines and in its record. */
export type DeliverySubject = {
  readonly event: EventName;
  readonly callId?: string;
  readonly campaignId?: string;
  readonly accountId?: string;
  /** 1 for the first run; each redelivery adds 1. */
  readonly cycle: number;
  /** When the run started, ISO 8601 UTC. */
  readonly runStartedAt: string;
  /** When the first attempt of this run was promised for (`promisedAtMs`), ISO 8601 UTC. Absent if the run was reset,
   *  or if a version that did not know it scheduled the activity. */
  readonly promisedAt?: string;
};

/** Input of the activity `deliverWebhook`. */
export type DeliverInput = {
  readonly subject: DeliverySubject;
  readonly endpoint: Endpoint;
  /** The body. Every attempt sends exactly these bytes. */
  readonly body: string;
  readonly retryDelaysMs: readonly number[];
  /** Attempts made before this activity. An attempt's number is this plus the activity's own attempt number. */
  readonly attemptsMade: number;
  /** Trigger of this activity's first attempt. The trigger of its later attempts is `schedule`. */
  readonly trigger: Attempt['trigger'];
  /** True once the delivery has waited for us so often that an attempt which cannot be sent is spent. */
  readonly spendsNotSent?: true;
  /** What the client repaired, on the run's first delivery activity: its first attempt logs it. */
  readonly repairs?: readonly Repair[];
};

/** Input of the activity `waitForUs`. It holds no body, so a long wait does not make history larger. */
export type WaitForUsInput = Pick<DeliverInput, 'subject'> & {
  readonly endpoint: Pick<Endpoint, 'endpointId' | 'host' | 'secretRef'>;
  /** Why the attempt was not sent: a reason code. */
  readonly code: string;
  /** Shortest wait, ms. */
  readonly waitMs: number;
};

/** Input of the activity `fetchArtifacts`. */
export type FetchInput = {
  readonly callId: string;
  readonly expects: Expects;
  /** How long artifacts are waited for, ms; counted from the activity's first schedule, by the server's clock. */
  readonly deadlineMs: number;
};

/** What the activity reports of one attempt. */
export type AttemptReport = {
  readonly endpointId: string;
  readonly attempt: Attempt;
  /** Wait until the next attempt, ms; absent when no attempt follows. */
  readonly nextDelayMs?: number;
  readonly bodyBytes: number;
  readonly bodySha256: string;
  /** Present where the worker can tell the host of deliveries: the run then schedules `notifyDelivery`. */
  readonly notifies?: true;
};

/** Input of the activity `notifyDelivery`: what there is to tell of one delivery. */
export type NotifyInput = Pick<DeliverInput, 'subject' | 'retryDelaysMs'> & {
  /** When the run learned of it, ISO 8601 UTC. */
  readonly at: string;
  readonly delivery: DeliveryStatus;
};

/** Result of `recordDelivery`; nothing where the worker cannot tell the host of deliveries. */
export type Recorded = Pick<AttemptReport, 'notifies'> | undefined;

/** Result of `deliverWebhook`: the attempt that delivered. */
export type Delivered = AttemptReport & {
  /** Whether the delivery log has the record. If not, the workflow runs recordDelivery. */
  readonly recorded: boolean;
};

/** What a handle's `cancel` takes. Without `endpointId` it cancels every delivery. With `letGo` it cancels none: it
 *  lets a run close whose deliveries have all ended, and which waits until the host takes an event of them. */
export type CancelRequest = { readonly reason?: string; readonly endpointId?: string; readonly letGo?: boolean };

/** Payload of the signal `cancel`. `attemptsMade`: by endpoint id, the attempts that the server's describe showed.
 *  With it, a killed attempt that never reported is counted. `letGo`: once every delivery has ended, the run no longer
 *  waits until the host has heard of them. */
export type CancelSignal = Omit<CancelRequest, 'letGo'> & {
  readonly attemptsMade?: Readonly<Record<string, number>>;
  readonly letGo?: true;
};

/** Payload of the signal `retryNow`. `attemptsMade`: the attempts that the server's describe showed. With it, a killed
 *  attempt that never reported is counted. */
export type RetryNowSignal = { readonly endpointId?: string; readonly attemptsMade?: number };
