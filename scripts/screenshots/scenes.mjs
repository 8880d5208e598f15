/** The calls that `npm run screenshots` ends, each brought to the state its picture is about. */
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { WebhookClient } = require('../../dist/client/index.js');

/** The ladder of the runs that have to reach its end: the real one takes 81 minutes. */
const FAST_LADDER = { retryDelaysMs: [1_000, 2_000, 3_000, 4_000] };

/** Plays every scene but the settling one; `cancel` is what a person does in the Web UI. Resolves with the handles once
 *  each stands where its picture wants it: the run in back-off has two attempts of the real ladder behind it, so this
 *  takes 75 seconds. */
export async function playScenes(stage, { cancel }) {
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
  await until('the first refusal', () => attemptsOf(handles.cancelled, 1));
  await cancel(handles.cancelled, 'the customer moved to another URL');
  await Promise.all([handles.failed, handles.cancelled, handles.gone].map((handle) => handle.result()));
  await until('the second attempt', () => attemptsOf(handles.backOff, 2));
  return handles;
}

/** Ends a call that will rest in its settle timer for the next 15 seconds. */
export function playSettling(stage) {
  return end(stage, 'call_4be6d0', { webhook_url: stage.hook('crm.localhost', 200) });
}

async function end({ client, artifacts }, callId, change, options = {}) {
  artifacts.put(callId, {
    recording: { status: 'ready', value: `https://recordings.example.com/${callId}.mp3` },
    transcript: {
      status: 'ready',
      value: [{ id: 1, user: 'assistant', text: 'Hi!', created_at: '2025-12-22T10:30:05Z' }],
    },
    summary: { status: 'ready', value: 'Appointment confirmed.' },
  });
  const webhooks = new WebhookClient(client, options);
  return webhooks.callEnded({ ...CALL, call_id: callId, ...change });
}

async function attemptsOf(handle, count) {
  const { deliveries } = await handle.status();
  return deliveries.every(({ attempts }) => attempts.length >= count);
}

async function until(what, holds) {
  console.error(`waiting for ${what}`);
  const deadline = Date.now() + 180_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`never came: ${what}`);
    await delay(250);
  }
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
};

const NO_ANSWER = {
  status: 'failed',
  call_status: 'no-answer',
  duration: 0,
  answered_by: null,
  error_message: 'nobody answered',
};
