/** Workflow ids: made of the call's or campaign's id alone, so a second report of one call can start nothing. Pure. */

/** What call, campaign, lead and account ids may look like: they stand in workflow ids, search attributes and logs. */
export const ID_PATTERN = /^[A-Za-z0-9._:-]{1,200}$/;

/** Words for `ID_PATTERN`, for error messages. */
export const ID_RULE = '1 to 200 characters out of A–Z a–z 0–9 . _ : -';

/** Workflow id of a call's webhook: `call-webhook/<call_id>`. */
export function callWorkflowId(callId: string): string {
  return `call-webhook/${callId}`;
}

/** Workflow id of a campaign event: `campaign-webhook/<campaign_id>/<event>[/<occurrence>]`. */
export function campaignWorkflowId(campaignId: string, event: string, occurrence?: string): string {
  return `campaign-webhook/${campaignId}/${event}${occurrence === undefined ? '' : `/${occurrence}`}`;
}
