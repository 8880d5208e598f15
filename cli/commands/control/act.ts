/** Acts on one webhook, and says what came of it as data and in words. */
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import { TemporalUnavailableError, WebhookClientError } from '../../../client/errors.ts';
import { given } from '../../../contract/given.ts';

/** What to do with a webhook. */
export type ControlVerb = 'cancel' | 'retry-now' | 'redeliver';

/** What came of one webhook. `skipped`: there was nothing to do, and nothing was changed. */
export type ControlItem = {
  readonly workflowId: string;
  readonly outcome: 'done' | 'skipped' | 'failed' | 'would';
  readonly words: string;
  /** The state that left nothing to do. */
  readonly state?: string;
  readonly endpointIds?: readonly string[];
  /** Of a redelivery: 2 for the first one. */
  readonly cycle?: number;
  /** Of an error. */
  readonly code?: string;
};

/** What the command asks for, the same for each of its webhooks. */
export type ControlRequest = {
  readonly verb: ControlVerb;
  readonly endpointId?: string;
  readonly reason?: string;
  readonly force?: boolean;
};

/** Error codes that mean "nothing to do here". That is no failure when many webhooks were chosen. */
const NOTHING_TO_DO: ReadonlySet<string> = new Set(['still_running', 'already_delivered']);

/** Acts. Rejects only with TemporalUnavailableError: without a server the next webhook would fail, too. */
export function act(handle: WebhookHandle, request: ControlRequest): Promise<ControlItem> {
  return told(handle, () => ACTIONS[request.verb](handle, request));
}

/** Says what `act` would be done to, without doing it. Rejects as `act` does. */
export function look(handle: WebhookHandle, verb: ControlVerb): Promise<ControlItem> {
  return told(handle, async () => {
    const { state } = await handle.status();
    return { outcome: 'would', words: `${verb}; now ${state}`, state };
  });
}

async function told({ workflowId }: WebhookHandle, work: () => Promise<Done>): Promise<ControlItem> {
  try {
    return { workflowId, ...(await work()) };
  } catch (error) {
    if (error instanceof TemporalUnavailableError) throw error;
    // A run that cannot be handled, whatever the reason, must not stop the others.
    if (!(error instanceof WebhookClientError)) return { workflowId, outcome: 'failed', words: String(error) };
    const outcome = NOTHING_TO_DO.has(error.code) ? 'skipped' : 'failed';
    return { workflowId, outcome, words: error.message, code: error.code };
  }
}

type Done = Omit<ControlItem, 'workflowId'>;

const ACTIONS: Readonly<Record<ControlVerb, (handle: WebhookHandle, request: ControlRequest) => Promise<Done>>> = {
  cancel: async (handle, { endpointId, reason }) => {
    const answer = await handle.cancel(given({ endpointId, reason }));
    if (answer.accepted) return { outcome: 'done', words: 'cancel asked' };
    return { outcome: 'skipped', words: `had ended: ${answer.state}`, state: answer.state };
  },
  'retry-now': async (handle, { endpointId }) => {
    const answer = await handle.retryNow(given({ endpointId }));
    if (answer.accepted) {
      return {
        outcome: 'done',
        words: `attempt asked at ${answer.endpointIds.join(', ')}`,
        endpointIds: answer.endpointIds,
      };
    }
    return { outcome: 'skipped', words: `no attempt waits: ${answer.state}`, state: answer.state };
  },
  redeliver: async (handle, { endpointId, force }) => {
    const { cycle, endpointIds } = await handle.redeliver(given({ endpointId, force }));
    return { outcome: 'done', words: `delivery ${cycle} started to ${endpointIds.join(', ')}`, cycle, endpointIds };
  },
};
