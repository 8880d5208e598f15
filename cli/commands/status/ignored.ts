/** Signals that changed nothing, in words. People type them in the Web UI, which answers "sent" to all. Pure. */
import type { IgnoredSignal } from '../../../client/fold-run.ts';
import type { WebhookStatus } from '../../../contract/delivery-state.ts';
import { inSeconds } from '../attempts-table.ts';

/** `a cancel at 2026-…Z for endpoint ep_x changed nothing: this run has no such endpoint; it has ep_y`. */
export function ignoredInWords({ signal, atMs, endpointId }: IgnoredSignal, { deliveries }: WebhookStatus): string {
  const known = deliveries.map((delivery) => delivery.endpointId);
  const at = inSeconds(new Date(atMs).toISOString());
  const meant = endpointId === undefined ? '' : ` for endpoint ${endpointId === '' ? '(not readable)' : endpointId}`;
  const why =
    endpointId !== undefined && !known.includes(endpointId)
      ? `this run has no such endpoint; it has ${known.join(', ')}`
      : signal === 'cancel'
        ? 'the delivery had ended'
        : 'no attempt waited at that moment';
  return `${signal} at ${at}${meant} changed nothing: ${why}`;
}
