/** One body per event, made by the real renderer from fixed inputs; the call is the vendor page's. Pure. */
import { PAGE_ARTIFACTS, PAGE_CALL } from '../../cli/demo/page-sample.ts';
import { NO_ARTIFACTS, type CollectedArtifacts } from '../../contract/collected-artifacts.ts';
import { callEndedSchema, type CallEnded, type EventName } from '../../contract/index.ts';
import { MAX_BODY_PAYLOAD_BYTES } from '../../contract/run-limits.ts';
import { renderCallBody, renderCampaignBody } from '../../contract/render-body.ts';
import { TEST_CAMPAIGN } from '../../contract/test-event.ts';
import { readCampaignEvent, type CampaignEvent } from '../../contract/schemas/campaign-event.ts';

/** The vendor page's call, with nothing of its webhook settings. */
export const SAMPLE_CALL: CallEnded = { call_id: '564d4fd4-03bc-400a-abe0-05540fbeff88', ...PAGE_CALL };

/** The same call, not answered. */
export const SAMPLE_FAILED_CALL: CallEnded = {
  ...SAMPLE_CALL,
  call_id: '7b0e6a51-92d4-4f6e-8a3b-5d1c90e7f214',
  status: 'failed',
  call_status: 'busy',
  duration: 0,
  answered_by: null,
  end_at: '2025-12-22T10:30:20Z',
  error_message: 'SIP 486 Busy Here',
};

/** Its artifacts, all ready. */
export const SAMPLE_ARTIFACTS: CollectedArtifacts = PAGE_ARTIFACTS;

/** A campaign as it begins. */
export const SAMPLE_CAMPAIGN: CampaignEvent = {
  event: 'campaign.started',
  campaign_id: 'camp_abc123',
  ...TEST_CAMPAIGN,
};

/** Body of a call, as the workflow renders it for one endpoint. */
export function callBody(call: CallEnded, artifacts: CollectedArtifacts = SAMPLE_ARTIFACTS): string {
  const data = callEndedSchema.parse(call);
  return data.status === 'completed'
    ? renderCallBody(data, 'call.completed', artifacts, 1).body
    : renderCallBody(data, 'call.failed', NO_ARTIFACTS, 1).body;
}

/** Body of a campaign event, as the workflow renders it. */
export function campaignBody(campaign: CampaignEvent): string {
  const { event, campaign: data } = readCampaignEvent(campaign);
  return renderCampaignBody(data, event).body;
}

/** Sample bodies by file name without `.json`: the event's, and for some events more, `<event>.<case>`. */
export function samples(): Readonly<Record<EventName, string> & Record<string, string>> {
  const done = { pending: 0, completed: 17, failed: 3 };
  const halfway = { pending: 8, completed: 10, failed: 2 };
  const hugeText = 'x'.repeat(MAX_BODY_PAYLOAD_BYTES);
  const line = { id: 1, user: 'user', text: hugeText, created_at: '2025-12-22T10:30:05Z' };
  return {
    'call.completed': callBody(SAMPLE_CALL),
    'call.completed.summary-late': callBody(SAMPLE_CALL, { ...SAMPLE_ARTIFACTS, summary: { status: 'timed_out' } }),
    'call.completed.transcript-too-large': callBody(SAMPLE_CALL, {
      ...SAMPLE_ARTIFACTS,
      transcript: { status: 'ready', value: [line] },
    }),
    'call.failed': callBody(SAMPLE_FAILED_CALL),
    'campaign.started': campaignBody(SAMPLE_CAMPAIGN),
    'campaign.completed': campaignBody({
      ...SAMPLE_CAMPAIGN,
      event: 'campaign.completed',
      status: 'completed',
      stats: done,
      end_at: '2025-12-22T18:00:00Z',
    }),
    'campaign.paused': campaignBody({
      ...SAMPLE_CAMPAIGN,
      event: 'campaign.paused',
      status: 'paused',
      stats: halfway,
      reason: 'outside calling hours',
      occurrence: '1',
    }),
    'campaign.resumed': campaignBody({
      ...SAMPLE_CAMPAIGN,
      event: 'campaign.resumed',
      stats: halfway,
      occurrence: '1',
    }),
    'campaign.stopped': campaignBody({
      ...SAMPLE_CAMPAIGN,
      event: 'campaign.stopped',
      status: 'stopped',
      stats: halfway,
      end_at: '2025-12-22T14:00:00Z',
      reason: 'budget reached',
      occurrence: '1',
    }),
    'webhook.test': campaignBody({ ...SAMPLE_CAMPAIGN, event: 'webhook.test', occurrence: 'test-1' }),
  };
}
