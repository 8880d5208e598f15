/** The calls that `npm run screenshots` ends, each brought to the state its picture is about. */
import { WebhookClient } from '../../client/index.ts';
import type { WebhookClientOptions, WebhookHandle } from '../../client/index.ts';
import type { CallEnded } from '../../contract/index.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { ReadableStage } from './readable-stage.ts';

/** The ladder of the runs that have to reach its end: the real one takes 81 minutes. */
const FAST_LADDER = { retryDelaysMs: [1_000, 2_000, 3_000, 4_000] };

/** The runs that pictures are taken of. */
export type Scenes = Readonly<Record<'backOff' | 'failed' | 'cancelled' | 'mixed' | 'gone', WebhookHandle>>;

/** Plays every scene but the settling one; `cancel` is what a person does in the Web UI. Resolves with the handles once
 *  each is where its picture wants it. The run in back-off then has two attempts of the real ladder behind it, so this
 *  takes 75 seconds. */
export async function playScenes(
  stage: ReadableStage,
  { cancel }: { readonly cancel: (run: WebhookHandle, reason: string) => Promise<void> },
): Promise<Scenes> {
  const { hook } = stage;
  const handles = {
    backOff: await end(stage, 'call_7f21c9', { webhook_url: hook('crm.localhost', 503) }),
    failed: await end(stage, 'call_3a90de', { webhook_url: hook('billing.localhost', 500) }, FAST_LADDER),
    cancelled: await end(stage, 'call_d04b72', { webhook_url: hook('crm.localhost', 503) }),
    mixed: await end(stage, 'call_5c17e8', {
      webhook_url: hook('crm.localhost', 200),
      endpoints: [{ webhook_url: hook('billing.localhost', 503) }],
    }),
    gone: await end(stage, 'call_b86f03', { ...NO_ANSWER, webhook_url: hook('old-crm.localhost', 410) }),
  };
  for (const id of ['call_e2d5a1', 'call_91c4bb', 'call_60fe37']) {
    await end(stage, id, { webhook_url: hook('crm.localhost', 200) });
  }
  await end(stage, 'call_08ad9c', { ...NO_ANSWER, webhook_url: hook('crm.localhost', 200) });
  await until('the first refusal', () => hasAttempts(handles.cancelled, 1));
  await cancel(handles.cancelled, 'the customer moved to another URL');
  await Promise.all([handles.failed, handles.cancelled, handles.gone].map((handle) => handle.result()));
  await until('the second attempt', () => hasAttempts(handles.backOff, 2));
  return handles;
}

/** Ends a call that will rest in its settle timer for the next 15 seconds. */
export function playSettling(stage: ReadableStage): Promise<WebhookHandle> {
  return end(stage, 'call_4be6d0', { webhook_url: stage.hook('crm.localhost', 200) });
}

async function end(
  { client, artifacts }: ReadableStage,
  callId: string,
  change: Partial<CallEnded>,
  options: WebhookClientOptions = {},
): Promise<WebhookHandle> {
  artifacts.put(callId, {
    recording: { status: 'ready', value: `https://recordings.example.com/${callId}.mp3` },
    transcript: {
      status: 'ready',
      value: [{ id: 1, user: 'assistant', text: 'Hi!', created_at: '2025-12-22T10:30:05Z' }],
    },
    summary: { status: 'ready', value: 'Appointment confirmed.' },
  });
  const handle = await new WebhookClient(client, options).callEnded({ ...CALL, call_id: callId, ...change });
  if (handle === undefined) throw new Error(`${callId} started no run`);
  return handle;
}

async function hasAttempts(handle: WebhookHandle, count: number): Promise<boolean> {
  const { deliveries } = await handle.status();
  return deliveries.every(({ attempts }) => attempts.length >= count);
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  console.error(`waiting for ${what}`);
  await waitFor(what, holds, 180_000);
}

// Source: the vendor's page, "Webhook Payload".
const CALL = {
  status: 'completed',
  phone_number: '+14155551234',
  from_phone_number: '+18005551234',
  call_status: 'completed',
  duration: 2.5,
  answered_by: 'human',
  campaign_id: 'camp_recall_may',
  account_id: 'acct_dental',
  created_at: '2025-12-22T10:30:00Z',
  started_at: '2025-12-22T10:30:05Z',
  end_at: '2025-12-22T10:32:35Z',
  metadata: { source: 'reminder_system' },
} as const;

const NO_ANSWER = {
  status: 'failed',
  call_status: 'no-answer',
  duration: 0,
  answered_by: null,
  error_message: 'nobody answered',
} as const;
