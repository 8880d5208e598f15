/**
 * What a fault excuses. Temporal gives an attempt up 30 s after a worker took it. A worker that was stopped or cut off
 * that long may still send it, late and beside the attempt that follows. No other fault excuses a wrong order. Pure.
 */
import type { FaultLine, OpLine } from './log-lines.ts';

/** An attempt takes at most 15 s, so one that stands still for less than the rest of the 30 s is not given up. */
const GIVES_UP_MS = 12_000;
/** From the server's giving an attempt out to the POST's arrival, on busy cores. */
const ON_ITS_WAY_MS = 2_000;
/** An attempt takes at most 15 s; it may be given out just before the reset. */
const RESET_REACH_MS = 15_000 + ON_ITS_WAY_MS;
/** Start-to-close, a POST, and some. */
const REACH_MS = 60_000;

/** Can an attempt that came between `from` and `to` have been given up while its worker stood still? */
export function stoodStill(faults: readonly FaultLine[], from: number, to: number): boolean {
  return faults.some(
    (line) =>
      line.type === 'fault' &&
      (line.fault === 'stop-worker' || line.fault === 'hold-worker') &&
      line.to - line.from >= GIVES_UP_MS &&
      line.from <= to &&
      line.to >= from - REACH_MS,
  );
}

/** When an attempt that was under way at `at` was sent at the latest. The worker that has it may stand still first. */
export function outOfStandstill(faults: readonly FaultLine[], at: number): number {
  let until = at;
  for (const line of faults.toSorted(byStart)) {
    const stands = line.type === 'fault' && (line.fault === 'stop-worker' || line.fault === 'hold-worker');
    if (stands && line.from <= until + ON_ITS_WAY_MS && line.to > until) until = line.to;
  }
  return until + ON_ITS_WAY_MS;
}

/** Can a POST that came at `at` belong to the run before a reset, which could not tell the run after it? */
export function wasReset(ops: readonly OpLine[], workflowId: string, at: number): boolean {
  return ops.some((each) => each.op === 'reset' && each.workflowId === workflowId && isAbout(each, at));
}

function isAbout({ at: from, doneAt }: OpLine, at: number): boolean {
  return from <= at && at <= doneAt + RESET_REACH_MS;
}

/** Was anything broken between `from` and `to`? */
export function somethingBroke(faults: readonly FaultLine[], from: number, to: number): boolean {
  return faults.some((line) =>
    line.type === 'fault'
      ? line.from <= to && line.to >= from
      : line.type === 'died' && line.at >= from && line.at <= to,
  );
}

function byStart(one: FaultLine, other: FaultLine): number {
  return (one.type === 'fault' ? one.from : one.at) - (other.type === 'fault' ? other.from : other.at);
}
