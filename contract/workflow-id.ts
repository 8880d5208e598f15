/** Workflow ids. They are made only from the call's or campaign's id, so a second report of a call starts nothing.
 *  Pure. */

/** Allowed form of call, campaign, lead and account ids. They stand in workflow ids, search attributes and logs. */
export const ID_PATTERN = /^[A-Za-z0-9._:-]{1,200}$/;

/** What `ID_PATTERN` allows, in words for error messages. */
export const ID_RULE = '1 to 200 characters out of A–Z a–z 0–9 . _ : -';

/** Workflow id of a call's webhook: `call-webhook/<call_id>`. */
export function callWorkflowId(callId: string): string {
  return `call-webhook/${callId}`;
}

/** Workflow id of a campaign event: `campaign-webhook/<campaign_id>/<event>[/<occurrence>]`. */
export function campaignWorkflowId(campaignId: string, event: string, occurrence?: string): string {
  return `campaign-webhook/${campaignId}/${event}${occurrence === undefined ? '' : `/${occurrence}`}`;
}
