/** What the recorded phases are played with: one stage with a server of its own, whose histories name no machine. */
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { StaticSecrets } from '../../adapters/static-secrets.ts';
import { WebhookClient } from '../../client/index.ts';
import type { WebhookClientOptions, WebhookHandle, WebhookStatus } from '../../client/index.ts';
import type { SigningSecrets } from '../../activities/index.ts';
import { SECRET } from '../../test/support/builders.ts';
import { startReceiver } from '../../test/support/receiver.ts';
import { openOwnStage } from '../../test/support/stage.ts';
import { waitFor } from '../../test/support/wait-for.ts';

/** The one signing secret of the recorded runs. */
export const SECRETS = new StaticSecrets({ main: SECRET });

/** A store that is down while it is sealed. */
class SealableSecrets implements SigningSecrets {
  isSealed = false;

  forEndpoint(ref: string) {
    if (this.isSealed) throw new Error('the store is sealed');
    return SECRETS.forEndpoint(ref);
  }
}

const SHORT = { settleDelayMs: 1_000, retryDelaysMs: [1_000, 1_000] };

/** Options of a run's client, and whether its artifacts are ready (default). */
type RunOptions = WebhookClientOptions & { readonly ready?: boolean };

export type Recorder = Awaited<ReturnType<typeof openRecorder>>;

/** Opens the stage. The ids of a run say its phase: `name` is the phase that is played now. */
export async function openRecorder() {
  const identities = { client: 'engine', worker: 'worker' };
  const secrets = new SealableSecrets();
  const stage = await openOwnStage({
    taskQueue: 'record-histories',
    webhooks: SHORT,
    identities,
    worker: { secrets },
  });
  let phase = '';
  const events = async ({ workflowId }: WebhookHandle) =>
    (await stage.client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
  const reached = async (handle: WebhookHandle, state: WebhookStatus['state']): Promise<WebhookHandle> => {
    await waitFor(`${state} of ${phase}`, async () => (await handle.status()).state === state);
    return handle;
  };
  const ended = async (handle: WebhookHandle): Promise<WebhookHandle> => {
    await handle.result();
    return handle;
  };
  const webhooksWith = (options: WebhookClientOptions): WebhookClient =>
    new WebhookClient(stage.client, { taskQueue: stage.taskQueue, ...SHORT, ...options });

  return {
    stage,
    reached,
    ended,
    /** From here on runs belong to this phase. */
    begin: (name: string): void => {
      phase = name;
      secrets.isSealed = false;
    },
    /** URL of a receiver that answers so; the last answer repeats. */
    url: async (...answers: readonly number[]): Promise<string> => (await startReceiver(...answers)).url,
    start: (status: 'completed' | 'failed', urls: readonly string[], options: RunOptions = {}) => {
      const { ready = true, ...more } = options;
      const call_id = `fixture-${phase}`;
      if (ready) stage.artifacts.put(call_id, READY);
      const endpoints = urls.map((webhook_url) => ({ webhook_url, secret_ref: 'main' }));
      return mustStart(webhooksWith(more).callEnded({ ...CALL, call_id, status, call_status: status, endpoints }));
    },
    startCampaign: (webhook_url: string) =>
      mustStart(
        webhooksWith({ retryDelaysMs: [1_000] }).campaignEvent({
          ...CAMPAIGN,
          campaign_id: `fixture-${phase}`,
          webhook_url,
          secret_ref: 'main',
        }),
      ),
    /** Seals the store of secrets, or opens it again. */
    seal: (isSealed: boolean): void => {
      secrets.isSealed = isSealed;
    },
    /** The first attempt was not sent, and the run waits for the store of secrets. */
    held: async (handle: WebhookHandle): Promise<WebhookHandle> => {
      const waits = async () =>
        (await events(handle)).some(
          ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === 'waitForUs',
        );
      await waitFor(`the wait of ${phase}`, waits);
      return handle;
    },
    /** A run is `settling` from its first event on; the phase is reached when the timer is in the history. */
    inTimer: async (handle: WebhookHandle): Promise<WebhookHandle> => {
      const hasTimer = async () => (await events(handle)).some((event) => event.timerStartedEventAttributes);
      await waitFor(`the timer of ${phase}`, hasTimer);
      return handle;
    },
    /** The first poll found nothing, and the activity that polls has begun. */
    polling: async (handle: WebhookHandle): Promise<WebhookHandle> => {
      const polls = async () =>
        (await events(handle)).some(
          ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === 'fetchArtifacts',
        );
      await waitFor(`the polls of ${phase}`, polls);
      return handle;
    },
    /** Resolves when a workflow task has completed after the run's last signal of this name. */
    decided: (handle: WebhookHandle, signalName: string) =>
      waitFor(`the answer to ${signalName} of ${phase}`, async () => {
        const all = await events(handle);
        const signalled = all.findLastIndex(
          (event) => event.workflowExecutionSignaledEventAttributes?.signalName === signalName,
        );
        return signalled >= 0 && all.slice(signalled).some((event) => event.workflowTaskCompletedEventAttributes);
      }),
    cancelled: async (handle: WebhookHandle, state: WebhookStatus['state']): Promise<WebhookHandle> => {
      await reached(handle, state);
      await handle.cancel({ reason: 'fixture' });
      return ended(handle);
    },
    /** The history of the run as text, and how many events it has. */
    history: async ({ workflowId }: WebhookHandle): Promise<{ readonly text: string; readonly events: number }> => {
      const history = await stage.client.workflow.getHandle(workflowId).fetchHistory();
      // A stack of the SDK's own failures names files of this machine.
      const blank = (key: string, value: unknown): unknown => (key === 'stackTrace' ? '' : value);
      const text = `${JSON.stringify(JSON.parse(historyToJSON(history)), blank, 1)}\n`;
      return { text, events: history.events?.length ?? 0 };
    },
  };
}

async function mustStart(starting: Promise<WebhookHandle | undefined>): Promise<WebhookHandle> {
  const handle = await starting;
  if (handle === undefined) throw new Error('no endpoint subscribes to the event, so no run was started');
  return handle;
}

const CALL = {
  phone_number: '+14155551234',
  from_phone_number: '+18005551234',
  duration: 2.5,
  created_at: '2025-12-22T10:30:00Z',
  campaign_id: 'camp_abc123',
};

const CAMPAIGN = {
  event: 'campaign.completed',
  name: 'Fixture',
  status: 'completed',
  created_at: '2025-12-22T10:00:00Z',
  total_leads: 2,
  stats: { completed: 1, failed: 1 },
} as const;

const READY = {
  recording: { status: 'ready', value: 'https://example.com/recording.mp3' },
  transcript: { status: 'ready', value: [] },
  summary: { status: 'ready', value: 'Fine.' },
} as const;
