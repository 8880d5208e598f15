/**
 * Call + artifacts → the body: one compact `JSON.stringify`, whose bytes are signed and sent by every attempt. Run
 * once per call, in the workflow, so the result stands in history. Pure.
 */
import { utf8Bytes } from './byte-length.ts';
import { statusesOf, valueOf, type CollectedArtifacts } from './collected-artifacts.ts';
import type { ArtifactStatuses } from './delivery-state.ts';
import type { CallEventName, CampaignEventName } from './event-types.ts';
import { MAX_BODY_PAYLOAD_BYTES, MAX_TASK_BODY_BYTES } from './limits.ts';
import type { CallData } from './schemas/call-ended.ts';
import type { CampaignData } from './schemas/campaign-event.ts';

/** A body that will not change any more. */
export type FrozenBody = {
  readonly body: string;
  /** Calls only: a campaign has none. */
  readonly artifacts?: ArtifactStatuses;
};

/** The body of a call's event. Fields and their order are the vendor's page's; later keys are only added at the end.
 *
 *  `copies`: to how many endpoints it goes; each is an activity input of its own in one workflow task. Where the body
 *  would be too large for Temporal (1.5 MiB as a payload, 3 MiB over all copies), the transcript goes first, then the
 *  summary, each marked `too_large`: never the delivery. */
export function renderCallBody(
  call: CallData,
  event: CallEventName,
  collected: CollectedArtifacts,
  copies: number,
): Required<FrozenBody> {
  const limit = Math.min(MAX_BODY_PAYLOAD_BYTES, Math.floor(MAX_TASK_BODY_BYTES / Math.max(1, copies)));
  let artifacts = collected;
  let body = stringifyCall(call, event, artifacts);
  for (const dropped of ['transcript', 'summary'] as const) {
    if (bodyPayloadBytes(body) <= limit) break;
    artifacts = { ...artifacts, [dropped]: { status: 'too_large' } };
    body = stringifyCall(call, event, artifacts);
  }
  return { body, artifacts: statusesOf(artifacts) };
}

/** The body of a campaign's event: its fields in the vendor's order, `event` first. */
export function renderCampaignBody(campaign: CampaignData, event: CampaignEventName | 'webhook.test'): FrozenBody {
  const { campaign_id, name, status, total_leads, stats, created_at, started_at, end_at } = campaign;
  const facts = { campaign_id, name, status, total_leads, stats, created_at, started_at, end_at };
  const { reason, metadata, occurrence } = campaign;
  return { body: JSON.stringify({ event, ...facts, reason, metadata, occurrence }) };
}

/** What Temporal carries: the body as a JSON string, so every quote counts twice. */
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
    duration: call.duration ?? minutesBetween(call.started_at, call.end_at),
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
    // Additive keys, after all of the page's.
    artifacts: statusesOf(artifacts),
    ...(event === 'call.failed' ? { error_message: call.error_message } : {}),
    // Last, and in the body at all, because headers are not signed by X-TopCalls-Signature.
    event,
  });
}

function minutesBetween(start: string | null, end: string | null): number {
  if (start === null || end === null) return 0;
  return Math.max(0, Math.round((Date.parse(end) - Date.parse(start)) / 6) / 1e4);
}
