/**
 * The Markdown that the Web UI shows under User Metadata → Current Details, while a worker runs also after the run's
 * end. The Web UI's renderer has limits: a list needs an empty line before it; nested lists and tables are not
 * readable. The text names hosts and never URLs.
 */
import {
  answerInWords,
  isFinal,
  type Attempt,
  type DeliveryStatus,
  type WebhookStatus,
} from '../contract/delivery-state.ts';
import { codeSpan } from '../contract/shown-text.ts';

const RUN_WORDS: Readonly<Record<WebhookStatus['state'], string>> = {
  settling: 'settling before the first attempt',
  fetching: 'waiting for recording, transcript and summary',
  delivering: 'an attempt is in flight or starts now',
  retrying: 'an endpoint has not taken it yet, the next attempt comes by itself',
  waiting_for_us: 'our own side cannot send, which spends no attempt; it goes on by itself',
  delivered: 'delivered',
  failed: 'failed, an endpoint did not take it',
  gone: 'failed, an endpoint is gone',
  refused: 'failed, our own rules refuse an endpoint',
  cancelled: 'cancelled',
  terminated: 'terminated',
};

const TELLING = 'Waiting for the host\'s notify; the signal `cancel` with {"letGo":true} lets it go';

/** Current details of a run: state, next attempt, every attempt, and what an operator can do. `of` is the number of
 *  attempts of a full ladder; `isTelling`: the host has not taken all news. Times are UTC. */
export function liveDetails(status: WebhookStatus, of: number, isTelling = false): string {
  return [
    `**${status.event}**: ${RUN_WORDS[status.state]}`,
    ...askedToCancel(status),
    ...sentWithout(status),
    ...status.deliveries.map((delivery) => deliveryBlock(delivery, of)),
    ...(isTelling && isFinal(status.state) ? [TELLING] : []),
    ...whatYouCanDo(status),
  ].join('\n\n');
}

function askedToCancel({ cancelReason }: WebhookStatus): string[] {
  return cancelReason === undefined ? [] : [`Cancel asked: ${codeSpan(cancelReason.replaceAll(/\s+/g, ' '))}`];
}

function sentWithout({ artifacts }: WebhookStatus): string[] {
  const missing = Object.entries(artifacts ?? {}).filter(([, is]) => is !== 'ready' && is !== 'not_expected');
  return missing.length === 0 ? [] : [`Sent without: ${missing.map(([name, is]) => `${name} (${is})`).join(', ')}`];
}

function deliveryBlock(delivery: DeliveryStatus, of: number): string {
  const lines = delivery.attempts.map((attempt) => `- attempt ${attempt.number} of ${of}${attemptWords(attempt)}`);
  return [
    `**${codeSpan(delivery.host)}** (${codeSpan(delivery.endpointId)}): ${stateWords(delivery, of)}`,
    '',
    ...lines,
  ]
    .join('\n')
    .trimEnd();
}

function stateWords(delivery: DeliveryStatus, of: number): string {
  const { state, reason, attempts, nextAttemptAt, waitingSince } = delivery;
  if (state === 'failed') return '**failed**, every attempt is spent';
  if (state === 'gone') return '**gone**, it answered 410: the receiver removed this URL';
  if (state === 'refused') return `**refused** by our own rules: ${codeSpan(reason ?? 'unknown')}`;
  if (state === 'cancelled') return attempts.length === 0 ? '**cancelled** before the first attempt' : '**cancelled**';
  const next = `attempt ${(attempts.at(-1)?.number ?? 0) + 1} of ${of}`;
  if (state === 'waiting_for_us') {
    const why = codeSpan(reason ?? 'unknown');
    const since = waitingSince === undefined ? '' : ` since ${clock(waitingSince)}`;
    return `**${next} waits for us**${since}: ${why}; it goes once our side can send`;
  }
  if (state !== 'retrying') return `**${state}**`;
  // "Due", because the run is not told when that attempt starts.
  return nextAttemptAt === undefined ? `**${next} goes now**` : `**${next} is due at ${clock(nextAttemptAt)}**`;
}

function attemptWords(attempt: Attempt): string {
  const trigger = attempt.trigger === 'schedule' ? '' : ` (${attempt.trigger.replace('_', ' ')})`;
  if (attempt.outcome === 'unknown') {
    return ': never reported, its worker was stopped or cut off; it may have reached the receiver';
  }
  const answer = answerInWords(attempt);
  const shown = attempt.status === undefined ? codeSpan(answer) : answer;
  return ` at ${clock(attempt.startedAt)}${trigger}: ${shown} in ${Math.round(attempt.durationMs)} ms`;
}

/** Offers only what has an effect in this state. The button names are those of the Web UI. */
function whatYouCanDo({ state, deliveries }: WebhookStatus): string[] {
  if (state === 'delivered') return [];
  if (isFinal(state)) {
    return ['To deliver it again, same webhook-id, same bytes: `redeliver`, see docs/web-ui.md'];
  }
  const waits = deliveries.some(
    ({ nextAttemptAt, state: each }) => nextAttemptAt !== undefined || each === 'waiting_for_us',
  );
  const one = deliveries.length > 1 ? '; for one endpoint only, add `"endpointId": "ep_…"`' : '';
  return [
    'What you can do: More Actions → Send a Signal',
    [
      ...(waits ? ['- `retryNow`, no input: the waiting attempt goes now'] : []),
      `- \`cancel\`, input \`{"reason": "…"}\`: stops it, as Request Cancellation does${one}`,
    ].join('\n'),
  ];
}

/** 2026-01-31T23:20:56.330Z → 23:20:56Z, the form that the failure messages use too. */
function clock(time: string): string {
  return `${time.slice(11, 19)}Z`;
}
