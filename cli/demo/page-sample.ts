/** The call of the vendor's page, "Webhook Payload", for the demo, the published samples and the tests. Data. */
import type { FetchedArtifacts } from '../../activities/ports/artifact-source.ts';

/** The call, without id and webhook settings. */
export const PAGE_CALL = {
  status: 'completed',
  phone_number: '+14155551234',
  from_phone_number: '+18005551234',
  call_status: 'completed',
  duration: 2.5,
  answered_by: 'human',
  campaign_id: 'camp_abc123',
  lead_id: 'lead_xyz789',
  created_at: '2025-12-22T10:30:00Z',
  started_at: '2025-12-22T10:30:05Z',
  end_at: '2025-12-22T10:32:35Z',
  metadata: { patient_id: 'pat_123', source: 'reminder_system' },
} as const;

/** Its artifacts, all ready. */
export const PAGE_ARTIFACTS = {
  recording: { status: 'ready', value: 'https://api.topcalls.ai/recordings/.../2025/12/22/mp3' },
  transcript: {
    status: 'ready',
    value: [
      {
        id: 1,
        user: 'assistant',
        text: 'Hi, this is Sarah from TopView Dental...',
        created_at: '2025-12-22T10:30:05Z',
      },
      { id: 2, user: 'user', text: 'Yes, hi...', created_at: '2025-12-22T10:30:08Z' },
    ],
  },
  summary: { status: 'ready', value: 'Successfully confirmed appointment...' },
} satisfies FetchedArtifacts;
