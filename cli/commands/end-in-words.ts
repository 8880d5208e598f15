/** How a delivery or a run stands, and who ended it, in words: the same for `status` and for `db show`. Pure. */
import type { WhoCancelled, WhoTerminated } from '../../contract/who-asked.ts';
import { oneLine } from '../../contract/shown-text.ts';
import { stateInWords } from './attempts-table.ts';

/** Who asked for the end, and why. */
export type Who = WhoCancelled & WhoTerminated;

/** `terminated by admin@host: a wrong number`, `failed (http_503)`. A request that did not bring this end is told
 *  behind it: `delivered; cancel asked by ann@desk: moved`. */
export function endInWords(state: string, reason: string | undefined, who: Who = {}): string {
  const { cancelReason, cancelledBy, terminateReason, terminatedBy } = who;
  const cancelled = asked(cancelledBy, cancelReason);
  const terminated = asked(terminatedBy, terminateReason);
  const head = stateInWords(state, reason === undefined ? undefined : oneLine(reason));
  return [
    `${head}${state === 'cancelled' ? cancelled : state === 'terminated' ? terminated : ''}`,
    ...(cancelled === '' || state === 'cancelled' ? [] : [`cancel asked${cancelled}`]),
    ...(terminated === '' || state === 'terminated' ? [] : [`terminated${terminated}`]),
  ].join('; ');
}

/** ` by ann@desk: moved`; empty if nothing is known. */
function asked(by: string | undefined, why: string | undefined): string {
  return `${by === undefined ? '' : ` by ${oneLine(by)}`}${why === undefined ? '' : `: ${oneLine(why)}`}`;
}
