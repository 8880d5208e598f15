/** Names of the data fields of a report, as the wire has them. Repairs name them, and metrics count by them. */

/** Of an ended call. */
export const CALL_FIELDS = [
  'call_id',
  'status',
  'phone_number',
  'from_phone_number',
  'call_status',
  'duration',
  'answered_by',
  'campaign_id',
  'lead_id',
  'created_at',
  'started_at',
  'end_at',
  'metadata',
  'error_message',
  'account_id',
  'expects',
] as const;

/** Of a campaign event. */
export const CAMPAIGN_FIELDS = [
  'event',
  'campaign_id',
  'name',
  'status',
  'total_leads',
  'stats',
  'created_at',
  'started_at',
  'end_at',
  'reason',
  'metadata',
  'occurrence',
  'account_id',
] as const;
