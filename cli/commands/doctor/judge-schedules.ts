/** Judges the routine: Schedules that `setup --maintenance` made, and that do not do their work. Pure. */
import { isoTime } from '../../../contract/iso-time.ts';
import { typedSpan } from '../../process/time-span.ts';
import type { Finding } from './finding.ts';
import type { ScheduleSeen, SchedulesSeen } from './look-at-schedules.ts';

/** A Schedule is late by jitter, by the server's outages, and by the run before it. */
const LATE_INTERVALS = 2;
const LATE_MS = 3_600_000;

/** What is wrong with them, at `nowMs` of the server. Nothing where the routine was never set up. */
export function ofSchedules(schedules: SchedulesSeen, nowMs: number): Finding[] {
  const all = Object.entries(schedules);
  if (all.every(([, seen]) => seen === undefined)) return [];
  return all.flatMap(([id, seen]) => {
    const wrong = seen === undefined ? MISSING : wrongWith(seen, nowMs);
    if (wrong === undefined) return [];
    return [{ code: 'maintenance', severity: 'warning', problem: `the Schedule ${id} ${wrong.is}`, fix: wrong.fix }];
  });
}

type Wrong = { readonly is: string; readonly fix: string };

const MISSING: Wrong = {
  is: 'is missing, and the other one of the routine is there',
  fix: 'topcalls-webhooks setup --maintenance makes it, and --remove-maintenance removes the other one',
};

/** One thing: what a person did first, since everything else may follow from it. */
function wrongWith({ everyMs, isPaused, changedMs, last }: ScheduleSeen, nowMs: number): Wrong | undefined {
  if (isPaused)
    return { is: 'is paused', fix: 'unpause it: Web UI → Schedules, or `temporal schedule toggle --unpause`' };
  if (last?.hasFailed === true) {
    return {
      is: `has failed: its run of ${isoTime(last.startedMs)} did not do its work`,
      fix: `the failure of ${last.workflowId} says why (Web UI); the next run tries again`,
    };
  }
  const lateMs = LATE_INTERVALS * everyMs + LATE_MS;
  if (nowMs - Math.max(changedMs, last?.startedMs ?? 0) <= lateMs) return undefined;
  const every = `although it is due every ${typedSpan(everyMs)}`;
  if (last?.isOver === false) {
    return {
      is: `waits for its run of ${isoTime(last.startedMs)}, which has not ended, ${every}`,
      fix: 'look whether a stand-alone worker with a delivery log polls its task queue: only that has its activities',
    };
  }
  const since = last === undefined ? 'has never run' : `has not run since ${isoTime(last.startedMs)}`;
  return { is: `${since}, ${every}`, fix: 'look at it in the Web UI → Schedules; setup --maintenance makes it anew' };
}
