/** Builders: each makes a valid thing, which a test then changes in one part. Values are the vendor's page's. */
import { randomUUID } from 'node:crypto';
import type { FetchedArtifacts } from '../../activities/index.ts';
import type { CallEnded } from '../../contract/index.ts';

/** A secret of the standard form; the golden vector's. */
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** A completed call with an id of its own and one endpoint. */
export function aCall(change: Partial<CallEnded> = {}): CallEnded {
  return {
    call_id: `call-${randomUUID()}`,
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
    webhook_url: 'https://your-app.com/webhooks/call-complete',
    secret_ref: 'main',
    ...change,
  };
}

/** A call that failed: no recording to wait for. */
export function aFailedCall(change: Partial<CallEnded> = {}): CallEnded {
  return aCall({ status: 'failed', call_status: 'no-answer', duration: 0, answered_by: null, ...change });
}

/** The page's artifacts, all ready. */
export function readyArtifacts(): FetchedArtifacts {
  return {
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
  };
}
