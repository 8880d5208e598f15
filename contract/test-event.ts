/** What `webhook.test` says: the campaign of the published sample. `send-test`, which reads the sample, sends the
 *  same. */

/** A campaign as it begins, without its id. */
export const TEST_CAMPAIGN = {
  name: 'Sales Outreach',
  status: 'running',
  total_leads: 20,
  stats: { pending: 20, completed: 0, failed: 0 },
  created_at: '2025-12-22T09:00:00Z',
  started_at: '2025-12-22T10:00:00Z',
  metadata: { team: 'west' },
} as const;
