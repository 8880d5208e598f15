/** The settle delay: recording, transcript and summary are being made when a call has ended. Pure. */
import type { EventName } from './event-types.ts';

/** How long a completed call rests before its artifacts are fetched, in ms. Source: the vendor's page, "Webhook Timing". */
export const DEFAULT_SETTLE_DELAY_MS = 15_000;
/** How long artifacts are waited for after that, in ms. */
export const DEFAULT_ARTIFACT_DEADLINE_MS = 60_000;

/** Settle delay of an event, in ms: failed calls have no recording to wait for; a campaign's end waits so that the last
 *  call's report normally comes first. */
export function settleDelayFor(event: EventName, settleDelayMs: number): number {
  return event === 'call.completed' || event === 'campaign.completed' ? settleDelayMs : 0;
}
