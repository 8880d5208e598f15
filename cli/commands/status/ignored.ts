/** Signals that changed nothing, or that nobody has taken up yet, in words. People type them in the Web UI, which
 *  answers "sent" to all. Pure. */
import type { IgnoredSignal } from '../../../client/fold-run.ts';
import type { UnheardSignal, WebhookStatus } from '../../../contract/delivery-state.ts';
import { inSeconds } from '../attempts-table.ts';

/** `a cancel at 2026-…Z for endpoint ep_x changed nothing: this run has no such endpoint; it has ep_y`. */
export function ignoredInWords({ signal, atMs, endpointId }: IgnoredSignal, { deliveries }: WebhookStatus): string {
  const known = deliveries.map((delivery) => delivery.endpointId);
  const why =
    endpointId !== undefined && !known.includes(endpointId)
      ? `this run has no such endpoint; it has ${known.join(', ')}`
      : signal === 'cancel'
        ? 'the delivery had ended'
        : 'no attempt waited at that moment';
  return `${asked(signal, new Date(atMs).toISOString(), endpointId)} changed nothing: ${why}`;
}

/** `retryNow at 2026-…Z by 7@desk was asked for, and no worker has taken it up yet …`. */
export function unheardInWords({ signal, at, endpointId, by }: UnheardSignal): string {
  const who = by === undefined ? '' : ` by ${by}`;
  return (
    `${asked(signal, at, endpointId)}${who} was asked for, and no worker has taken it up yet. ` +
    'It works once one does. If that takes long, the workers are gone or frozen: topcalls-webhooks doctor'
  );
}

function asked(signal: IgnoredSignal['signal'], at: string, endpointId: string | undefined): string {
  const meant = endpointId === undefined ? '' : ` for endpoint ${endpointId === '' ? '(not readable)' : endpointId}`;
  return `${signal} at ${inSeconds(at)}${meant}`;
}
