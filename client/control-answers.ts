/** What `cancel`, `retryNow` and `redeliver` of a handle return. Types only. */
import type { LiveState, Stalled } from '../contract/delivery-state.ts';

/** What `cancel` returns. `accepted: true`: the run gets the signal. An attempt in flight may still deliver, so
 *  `result()` has the final word. `accepted: false`: the run had already ended, in `state`. */
export type CancelAnswer = { readonly accepted: true } | { readonly accepted: false; readonly state: LiveState };

/** What `retryNow` returns. `accepted: true`: the attempts to `endpointIds` were waiting and go now. `accepted:
 *  false`: no attempt was waiting, or the run stands still, so that nobody would hear the signal; none was sent then.
 *  `state` is the run's state, and `stalled` says why it stands still. */
export type RetryNowAnswer =
  | { readonly accepted: true; readonly endpointIds: readonly string[] }
  | { readonly accepted: false; readonly state: LiveState; readonly stalled?: Stalled };

/** What `redeliver` returns: the new run's cycle (2 for the first redelivery), and the endpoints it delivers to. */
export type RedeliverAnswer = { readonly cycle: number; readonly endpointIds: readonly string[] };
