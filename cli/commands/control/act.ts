/** Acts on one webhook, and says what came of it as data and in words. */
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import { WebhookClientError } from '../../../client/errors.ts';
import type { DeliveryStatus, Stalled, WebhookStatus } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import type { ControlRequest, ControlVerb } from './request.ts';
import { attemptInWords } from './attempt-in-words.ts';
import { reasonOf, touched, type Narrowing } from './touched.ts';
import { errorInWords, nothingIn, whyNothing } from './why-nothing.ts';

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
  /** Of a dry run: what would be touched. */
  readonly deliveries?: readonly TouchedDelivery[];
};

/** A delivery that a dry run lists. */
export type TouchedDelivery = {
  readonly endpointId: string;
  readonly host: string;
  readonly state: string;
  readonly reason?: string;
  /** Of `retry-now`: which attempt would go, in words. */
  readonly attempt?: string;
};

/** Error codes that mean "nothing to do here". That is no failure when many webhooks were chosen. */
const NOTHING_TO_DO: ReadonlySet<string> = new Set(['still_running', 'already_delivered']);

/** Acts. Never rejects: what goes wrong with one webhook is its outcome, and the others go on. */
export function act(handle: WebhookHandle, request: ControlRequest, narrowing: Narrowing = {}): Promise<ControlItem> {
  return told(handle, async () => {
    if (!looksFirst(request, narrowing)) return ACTIONS[request.verb](handle, request);
    const status = await handle.status();
    const deliveries = touched(status, request, narrowing);
    if (deliveries.length === 0) return nothingTo(request, status, narrowing);
    if (request.verb === 'cancel') return ACTIONS.cancel(handle, request);
    if (request.verb === 'redeliver') return redeliverTo(handle, request, status, deliveries);
    return hurry(handle, deliveries);
  });
}

/** Says what `act` would do, without doing it. Never rejects. */
export function look(handle: WebhookHandle, request: ControlRequest, narrowing: Narrowing = {}): Promise<ControlItem> {
  return told(handle, async () => {
    const status = await handle.status();
    const deliveries = touched(status, request, narrowing);
    if (deliveries.length === 0) return nothingTo(request, status, narrowing);
    return {
      outcome: 'would',
      words: `${request.verb}; now ${status.state}`,
      state: status.state,
      deliveries: deliveries.map((each) => ({
        endpointId: each.endpointId,
        host: each.host,
        state: each.state,
        ...given({ reason: reasonOf(each), attempt: request.verb === 'retry-now' ? attemptInWords(each) : undefined }),
      })),
    };
  });
}

/** Whether a webhook must be read to know if it is meant. The list shows states of runs. A reason, or the state at one
 *  endpoint, stands in the status alone. */
export function looksFirst({ endpointId }: ControlRequest, { reason, states }: Narrowing): boolean {
  return reason !== undefined || (states !== undefined && endpointId !== undefined);
}

function nothingTo(request: ControlRequest, status: WebhookStatus, narrowing: Narrowing): Done {
  const { state, stalled } = status;
  // What a person has paused waits for that person: "in flight" would be wrong.
  const isPaused = request.verb === 'retry-now' && narrowing.reason === undefined && stalled?.why === 'paused';
  if (stalled !== undefined && (isPaused || isDeaf(request, status, narrowing))) return notAsked(state, stalled);
  return { outcome: 'skipped', words: whyNothing(status, request, narrowing), state };
}

/** Whether nobody would hear a request to hurry. Nothing may wait only because of that, so it is a failure. A reason
 *  that does not fit is no such case. */
export function isDeaf({ verb }: ControlRequest, { stalled }: WebhookStatus, { reason }: Narrowing): boolean {
  return verb === 'retry-now' && reason === undefined && stalled !== undefined && DEAF.has(stalled.why);
}

/** A redelivery goes to one endpoint, or to all that did not take it. */
function redeliverTo(
  handle: WebhookHandle,
  request: ControlRequest,
  status: WebhookStatus,
  deliveries: readonly { readonly endpointId: string }[],
): Promise<Done> {
  const [only] = deliveries;
  if (only !== undefined && deliveries.length === 1) {
    return ACTIONS.redeliver(handle, { ...request, endpointId: only.endpointId });
  }
  if (deliveries.length === touched(status, request).length) return ACTIONS.redeliver(handle, request);
  const words = `${deliveries.length} of its endpoints match, and others do not: name one with --endpoint`;
  return Promise.resolve({ outcome: 'failed', words, state: status.state });
}

/** `retryNow` goes to one endpoint, or to all whose attempt waits. */
async function hurry(handle: WebhookHandle, deliveries: readonly DeliveryStatus[]): Promise<Done> {
  const all: Done[] = [];
  for (const { endpointId } of deliveries) all.push(await askNow(handle, endpointId, deliveries));
  const endpointIds = all.flatMap((each) => each.endpointIds ?? []);
  return endpointIds.length === 0 ? (all.at(-1) ?? NOTHING) : hurried(endpointIds, deliveries);
}

const NOTHING: Done = { outcome: 'skipped', words: 'no attempt waits' };

/** `attempt asked at ep_1 (3 of 3, the last), ep_2`: each attempt is one of the ladder's, and a person may not know. */
function hurried(endpointIds: readonly string[], deliveries: readonly DeliveryStatus[]): Done {
  const each = endpointIds.map((id) => {
    const delivery = deliveries.find(({ endpointId }) => endpointId === id);
    const attempt = delivery && attemptInWords(delivery);
    return attempt === undefined ? id : `${id} (${attempt})`;
  });
  return { outcome: 'done', words: `attempt asked at ${each.join(', ')}`, endpointIds };
}

async function askNow(
  handle: WebhookHandle,
  endpointId: string | undefined,
  deliveries: readonly DeliveryStatus[],
): Promise<Done> {
  const answer = await handle.retryNow(given({ endpointId }));
  if (answer.accepted) return hurried(answer.endpointIds, deliveries);
  if (answer.stalled !== undefined) return notAsked(answer.state, answer.stalled);
  return { outcome: 'skipped', words: nothingIn('retry-now', [answer.state]), state: answer.state };
}

/** Why a run stands still so that nobody would hear a request. */
const DEAF: ReadonlySet<Stalled['why']> = new Set(['no_worker', 'task_failing']);

function notAsked(state: string, { why, problem, fix }: Stalled): Done {
  // Not "nothing to do" if nobody hears: an attempt may wait.
  const outcome = DEAF.has(why) ? 'failed' : 'skipped';
  return { outcome, words: `nothing was asked: ${problem}; ${fix}`, state, code: why };
}

async function told({ workflowId }: WebhookHandle, work: () => Promise<Done>): Promise<ControlItem> {
  try {
    return { workflowId, ...(await work()) };
  } catch (error) {
    // A run that cannot be handled, whatever the reason, must not stop the others.
    if (!(error instanceof WebhookClientError)) return { workflowId, outcome: 'failed', words: String(error) };
    const outcome = NOTHING_TO_DO.has(error.code) ? 'skipped' : 'failed';
    return { workflowId, outcome, words: errorInWords(error, workflowId), code: error.code };
  }
}

type Done = Omit<ControlItem, 'workflowId'>;

async function close(handle: WebhookHandle): Promise<Done> {
  const answer = await handle.cancel({ letGo: true });
  if (answer.accepted) return { outcome: 'done', words: 'let go: it closes, and its event is told to nobody' };
  const words = `it does not wait for deliveryEvents, so nothing was changed: ${answer.state}`;
  return { outcome: 'skipped', words, state: answer.state };
}

const ACTIONS: Readonly<Record<ControlVerb, (handle: WebhookHandle, request: ControlRequest) => Promise<Done>>> = {
  cancel: async (handle, { endpointId, reason, letGo }) => {
    if (letGo === true) return close(handle);
    const answer = await handle.cancel(given({ endpointId, reason }));
    if (answer.accepted) return { outcome: 'done', words: 'cancel asked' };
    return { outcome: 'skipped', words: nothingIn('cancel', [answer.state]), state: answer.state };
  },
  // Read before: afterwards the attempt may be over.
  'retry-now': async (handle, { endpointId }) => askNow(handle, endpointId, (await handle.status()).deliveries),
  redeliver: async (handle, { endpointId, force }) => {
    const { cycle, endpointIds } = await handle.redeliver(given({ endpointId, force }));
    return { outcome: 'done', words: `delivery ${cycle} started to ${endpointIds.join(', ')}`, cycle, endpointIds };
  },
};
