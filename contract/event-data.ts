/** The data of a call or campaign event from which its body is made. It is checked, repaired and part of the
 *  workflow's input. Types only. */

/** An ended call: every field is present. Times are `YYYY-MM-DDThh:mm:ssZ`. */
export type CallData = {
  readonly call_id: string;
  /** Decides the event. */
  readonly status: 'completed' | 'failed';
  readonly phone_number: string | null;
  readonly from_phone_number: string | null;
  /** Free text. If it is null, the body has the value of `status`. */
  readonly call_status: string | null;
  /** Minutes. Null: what the engine reported is no duration. */
  readonly duration: number | null;
  readonly answered_by: string | null;
  readonly campaign_id: string | null;
  readonly lead_id: string | null;
  readonly created_at: string | null;
  readonly started_at: string | null;
  readonly end_at: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly error_message: string | null;
  readonly account_id: string | null;
};

/** Which artifacts a call should have. The run waits only for those. */
export type Expects = { readonly recording: boolean; readonly transcript: boolean; readonly summary: boolean };

/** What happened to a campaign: every field is present. Times are `YYYY-MM-DDThh:mm:ssZ`. */
export type CampaignData = {
  readonly campaign_id: string;
  readonly name: string | null;
  readonly status: string | null;
  readonly total_leads: number | null;
  /** Number of leads by outcome. */
  readonly stats: Readonly<Record<string, number>>;
  readonly created_at: string | null;
  readonly started_at: string | null;
  readonly end_at: string | null;
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly occurrence: string | null;
  readonly account_id: string | null;
};

/** One field of reported data that was changed, or that looks odd. It never holds the value. */
export type Repair = { readonly field: string; readonly problem: string };
