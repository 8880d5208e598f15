/** How late a webhook was. Workflows do not load this file. Pure. */
import type { Attempt } from './delivery-state.ts';

/** What lateness is computed from: a delivery record has it. */
type Promised = { readonly promisedAt?: string; readonly attempts: readonly Pick<Attempt, 'startedAt'>[] };

/** Milliseconds from the time that the first attempt was promised for to its start. 0 if it started earlier, which
 *  only clocks can cause. Undefined without an attempt, and in records that do not tell the promised time. */
export function latenessMs({ promisedAt, attempts }: Promised): number | undefined {
  const lateMs = msOf(attempts.at(0)?.startedAt) - msOf(promisedAt);
  return Number.isFinite(lateMs) ? Math.max(0, lateMs) : undefined;
}

/** Logs also get records that others wrote, whatever their fields hold. */
function msOf(time: unknown): number {
  return typeof time === 'string' ? Date.parse(time) : Number.NaN;
}
