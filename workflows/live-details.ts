/** The Markdown a person reads in the Web UI while a run is open. Lists, since tables have no padding there. */
import type { Attempt, DeliveryStatus, WebhookStatus } from '../contract/delivery-state.ts';

const WORDS: Readonly<Record<WebhookStatus['state'], string>> = {
  settling: 'settling: recording, transcript and summary are being made',
  fetching: 'fetching recording, transcript and summary',
  delivering: 'an attempt is in flight or about to be',
  retrying: 'waiting for the next attempt',
  delivered: 'delivered',
  failed: 'failed: every attempt of the ladder is spent',
  gone: 'gone: the receiver answered 410',
  refused: 'refused by our own rules',
  cancelled: 'cancelled',
  terminated: 'terminated',
};

/** Current details of a run: state, next attempt, attempts, and what an operator can do. Hosts only, no URLs. */
export function liveDetails(status: WebhookStatus): string {
  return [
    `**${status.event}**: ${WORDS[status.state]}`,
    ...status.deliveries.flatMap(deliveryLines),
    '',
    'Signals: `cancel` stops it, `retryNow` sends a waiting attempt now.',
  ].join('\n');
}

function deliveryLines(delivery: DeliveryStatus): string[] {
  const next = delivery.nextAttemptAt === undefined ? '' : `, next attempt at ${delivery.nextAttemptAt.slice(11, 19)}Z`;
  return [
    `- \`${delivery.endpointId}\` ${delivery.host}: **${delivery.state}**${next}`,
    ...delivery.attempts.map((attempt) => `  - attempt ${attempt.number}: ${attemptWords(attempt)}`),
  ];
}

function attemptWords(attempt: Attempt): string {
  const trigger = attempt.trigger === 'schedule' ? '' : ` (${attempt.trigger.replace('_', ' ')})`;
  if (attempt.outcome === 'unknown') return `never reported: its worker was stopped or cut off${trigger}`;
  return `${attempt.status === undefined ? (attempt.code ?? attempt.outcome) : `HTTP ${attempt.status}`} in ${Math.round(attempt.durationMs)} ms at ${attempt.startedAt.slice(11, 19)}Z${trigger}`;
}
