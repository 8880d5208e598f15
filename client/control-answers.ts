/** What cancel, retryNow and redeliver of a handle answer. Types only. */
import type { LiveState } from '../contract/delivery-state.ts';

/** Answer of `cancel`. Accepted means the run will hear of it; the truth is `result()`, since an attempt in flight may
 *  still deliver. Not accepted: the run had ended, in `state`. */
export type CancelAnswer = { readonly accepted: true } | { readonly accepted: false; readonly state: LiveState };

/** Answer of `retryNow`: which endpoints had an attempt waiting, or the state in which none did. */
export type RetryNowAnswer =
  | { readonly accepted: true; readonly endpointIds: readonly string[] }
  | { readonly accepted: false; readonly state: LiveState };

/** Answer of `redeliver`: the new run's cycle (2 for the first redelivery) and the endpoints it delivers to. */
export type RedeliverAnswer = { readonly cycle: number; readonly endpointIds: readonly string[] };
