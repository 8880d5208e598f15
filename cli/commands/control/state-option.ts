/** The command line's words for a state to choose by. */
import type { FindableState } from '../../../contract/schemas/find-filter.ts';

/** The key under which Commander gives the option of a state. */
export type StateKey = Exclude<FindableState, 'waiting_for_us'> | 'waitingForUs';

/** `waiting_for_us` → `--waiting-for-us`. */
export function stateOption(state: FindableState): string {
  return `--${state.replaceAll('_', '-')}`;
}

/** `waiting_for_us` → `waitingForUs`. */
export function stateKey(state: FindableState): StateKey {
  return state === 'waiting_for_us' ? 'waitingForUs' : state;
}
