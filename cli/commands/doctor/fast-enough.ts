/** Whether the workers are fast enough, as far as anything proves it. "Nothing waits" alone proves nothing: a frozen
 *  worker is listed for a minute, and in a quiet hour no task comes that could wait. Pure. */
import type { WorkersAnswer } from '../../../client/ask-workers.ts';
import type { ServerSeen } from './facts.ts';
import { BACKLOG_AGE_MS } from './judge-queues.ts';
import { examplesOf } from './judge-runs.ts';

/** `yes: …`, `no: …` or `cannot tell: …`, with the reason. Undefined if the queues could not be read. `nowMs`: by the
 *  server's clock. */
export function fastEnough(seen: ServerSeen, taskQueue: string, nowMs: number): string | undefined {
  const ours = seen.queues.filter((queue) => queue.taskQueue === taskQueue);
  if (ours.length === 0) return undefined;
  if (ours.some(({ live }) => live === 0)) return 'no: no worker polls';
  const ageMs = Math.max(...ours.map(({ backlog }) => backlog.ageMs));
  if (ageMs > BACKLOG_AGE_MS) return `no: the oldest task has waited for ${inSeconds(ageMs)}`;
  if (examplesOf(seen.runs, 'overdue').length > 0) return 'no: runs are overdue, see below';
  if (seen.workers === 'silent') return 'no: no worker that is listed answered within 6 s';
  if (seen.workers === 'busy') return 'no: the workers were too busy to answer within 6 s';
  const waits = ours.every(({ backlog }) => backlog.tasks === 0)
    ? 'nothing waits'
    : `the oldest task has waited for ${inSeconds(ageMs)}`;
  if (seen.workers === 'answered') {
    const within = seen.workersAskedMs === undefined ? '' : ` within ${inSeconds(seen.workersAskedMs)}`;
    return `yes: a worker answered${within}, and ${waits}`;
  }
  const polledMs = Math.max(...ours.flatMap(({ pollers }) => pollers.map(({ lastPollMs }) => lastPollMs)));
  const polled = `the last poll was ${inSeconds(Math.max(0, nowMs - polledMs))} ago`;
  return `cannot tell: ${waits}, ${polled}, and no worker was asked${NOT_ASKED[seen.workers ?? 'unasked']}`;
}

const NOT_ASKED: Readonly<Record<Exclude<WorkersAnswer, 'answered' | 'silent' | 'busy'> | 'unasked', string>> = {
  nobody_to_ask: ': no run of ours is there to ask about',
  not_asked: ': the server passed no question on',
  unasked: ' (--no-probe, or the question failed)',
};

/** 12400 → `12 s`, 400 → `0.4 s`. */
function inSeconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}
