/** What client, workflow and activities hand each other: inputs, reports, signals. They stand in histories. Types only. */
import type { ArtifactStatuses, Attempt, DeliveryOutcome } from './delivery-state.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';
import type { Endpoint } from './endpoints.ts';
import type { CallEventName, CampaignEventName, EventName } from './event-types.ts';
import type { CallData, Expects } from './schemas/call-ended.ts';
import type { CampaignData } from './schemas/campaign-event.ts';

/** What every run of ours carries, whatever the event is about. */
export type RunInput = {
  readonly event: EventName;
  readonly endpoints: readonly Endpoint[];
  readonly policy: DeliveryPolicy;
  /** Whether the namespace knows our search attributes, so that `WebhookState` can be kept. */
  readonly searchAttributes: boolean;
  readonly accountId?: string;
  /** Present on a redelivery. */
  readonly redelivery?: Redelivery;
};

/** Input of `callWebhook`. */
export type CallWebhookInput = RunInput & {
  readonly event: CallEventName;
  readonly call: CallData;
  readonly expects: Expects;
};

/** A redelivery: the same body and ids again, with a fresh ladder. */
export type Redelivery = {
  /** 2 for the first redelivery. */
  readonly cycle: number;
  /** The bytes of the first run; absent where it ended before they were frozen. */
  readonly body?: string;
  readonly artifacts?: ArtifactStatuses;
  /** Endpoints that are not delivered to again, with the outcomes they have. These count in the close status, and stand
   *  here so that a later redelivery still finds them. */
  readonly alreadyEnded: readonly { readonly endpoint: Endpoint; readonly outcome: DeliveryOutcome }[];
};

/** Input of `campaignWebhook`. */
export type CampaignWebhookInput = RunInput & {
  readonly event: CampaignEventName | 'webhook.test';
  readonly campaign: CampaignData;
};

/** Input of either workflow. */
export type AnyRunInput = CallWebhookInput | CampaignWebhookInput;

/** Ids that a delivery, its log lines and its record carry. */
export type DeliverySubject = {
  readonly event: EventName;
  readonly callId?: string;
  readonly campaignId?: string;
  readonly accountId?: string;
  /** 1 for the first run, counted up by redelivery. */
  readonly cycle: number;
  /** When the run started, ISO 8601. */
  readonly runStartedAt: string;
};

/** Input of the activity `deliverWebhook`. */
export type DeliverInput = {
  readonly subject: DeliverySubject;
  readonly endpoint: Endpoint;
  /** Every attempt sends exactly these bytes. */
  readonly body: string;
  readonly retryDelaysMs: readonly number[];
  /** Attempts behind this activity: attempt number = attemptsMade + the activity's own attempt. */
  readonly attemptsMade: number;
  /** Trigger of the first attempt of this activity; later ones are the schedule's. */
  readonly trigger: Attempt['trigger'];
};

/** Input of the activity `fetchArtifacts`. */
export type FetchInput = {
  readonly callId: string;
  readonly expects: Expects;
  /** From the activity's first schedule by the server's clock, ms. */
  readonly deadlineMs: number;
};

/** One attempt as the activity tells of it. */
export type AttemptReport = {
  readonly endpointId: string;
  readonly attempt: Attempt;
  /** Wait until the next attempt, ms; absent where there is none. */
  readonly nextDelayMs?: number;
  readonly bodyBytes: number;
  readonly bodySha256: string;
};

/** Result of `deliverWebhook`: the attempt that delivered. */
export type Delivered = AttemptReport & {
  /** Whether the delivery log has it; otherwise recordDelivery still has to tell it. */
  readonly recorded: boolean;
};

/** What a handle's `cancel` takes. */
export type CancelRequest = { readonly reason?: string; readonly endpointId?: string };

/** Payload of the signal `cancel`. `attemptsMade`: by endpoint id, what describe showed, so a killed attempt that never
 *  reported is remembered. */
export type CancelSignal = CancelRequest & { readonly attemptsMade?: Readonly<Record<string, number>> };

/** Payload of the signal `retryNow`. `attemptsMade`: what describe showed, so a killed attempt that never reported counts. */
export type RetryNowSignal = { readonly endpointId?: string; readonly attemptsMade?: number };
