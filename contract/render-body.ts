/**
 * Makes the body from a call and its artifacts: one compact `JSON.stringify`. Every attempt signs and sends these
 * bytes. The workflow runs it once, so the result stands in history. Pure.
 */
import { utf8Bytes } from './byte-length.ts';
import { statusesOf, valueOf, type CollectedArtifacts } from './collected-artifacts.ts';
import type { ArtifactStatuses } from './delivery-state.ts';
import type { Endpoint } from './endpoints.ts';
import type { CallData, CampaignData } from './event-data.ts';
import type { CallEventName, CampaignEventName } from './event-types.ts';
import { MAX_BODY_PAYLOAD_BYTES, MAX_TASK_BODY_BYTES } from './run-limits.ts';

/** A body that does not change any more. */
export type FrozenBody = {
  readonly body: string;
  /** Only for calls; a campaign has no artifacts. */
  readonly artifacts?: ArtifactStatuses;
};

/** The body of a call's event. Its fields and their order are those of the vendor's page. Our own keys come after
 *  them.
 *
 *  `copies`: see `copiesOf`. A body above `mostBodyBytes` goes without the transcript, and if needed without the
 *  summary, marked `too_large`. So the size never stops a delivery. */
export function renderCallBody(
  call: CallData,
  event: CallEventName,
  collected: CollectedArtifacts,
  copies: number,
): Required<FrozenBody> {
  const limit = mostBodyBytes(copies);
  let artifacts = collected;
  let body = stringifyCall(call, event, artifacts);
  for (const dropped of ['transcript', 'summary'] as const) {
    if (bodyPayloadBytes(body) <= limit) break;
    artifacts = { ...artifacts, [dropped]: { status: 'too_large' } };
    body = stringifyCall(call, event, artifacts);
  }
  return { body, artifacts: statusesOf(artifacts) };
}

/** How many endpoints of a run get a copy of the body. Those that its settings refuse get none. */
export function copiesOf(endpoints: readonly Pick<Endpoint, 'refusal'>[]): number {
  return endpoints.filter(({ refusal }) => refusal === undefined).length;
}

/** Most bytes of a body, as `bodyPayloadBytes` counts them. Each endpoint's activity input carries a copy, all in one
 *  workflow task. Temporal limits a body to 1.5 MiB, and all copies together to 3 MiB. */
export function mostBodyBytes(copies: number): number {
  return Math.min(MAX_BODY_PAYLOAD_BYTES, Math.floor(MAX_TASK_BODY_BYTES / Math.max(1, copies)));
}

/** The body of a campaign's event. Its fields stand in the order of the vendor's page, `event` first. */
export function renderCampaignBody(campaign: CampaignData, event: CampaignEventName | 'webhook.test'): FrozenBody {
  const { campaign_id, name, status, total_leads, stats, created_at, started_at, end_at } = campaign;
  const facts = { campaign_id, name, status, total_leads, stats, created_at, started_at, end_at };
  const { reason, metadata, occurrence } = campaign;
  return { body: JSON.stringify({ event, ...facts, reason, metadata, occurrence }) };
}

/** Bytes of the body as Temporal carries it: as a JSON string, in which every quote takes two bytes. */
export function bodyPayloadBytes(body: string): number {
  return utf8Bytes(JSON.stringify(body));
}

function stringifyCall(call: CallData, event: CallEventName, artifacts: CollectedArtifacts): string {
  return JSON.stringify({
    call_id: call.call_id,
    phone_number: call.phone_number,
    from_phone_number: call.from_phone_number,
    status: call.status,
    call_status: call.call_status ?? call.status,
    duration: call.duration,
    transcript: valueOf(artifacts.transcript) ?? [],
    recording_url: valueOf(artifacts.recording) ?? null,
    call_summary: valueOf(artifacts.summary) ?? null,
    answered_by: call.answered_by,
    campaign_id: call.campaign_id,
    lead_id: call.lead_id,
    created_at: call.created_at,
    started_at: call.started_at,
    end_at: call.end_at,
    metadata: call.metadata,
    // Our own keys, after those of the vendor's page.
    artifacts: statusesOf(artifacts),
    ...(event === 'call.failed' ? { error_message: call.error_message } : {}),
    // The event stands in the body too, because X-TopCalls-Signature does not sign the headers.
    event,
  });
}
