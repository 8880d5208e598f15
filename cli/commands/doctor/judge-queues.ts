/** Judges the task queues: does a worker live, is it fast enough, are runs on another queue. Pure. */
import { isLimited } from '../../../client/queue-limits.ts';
import type { QueueKind } from '../../../client/task-queue.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { counted } from '../../process/counted.ts';
import type { Facts, ServerSeen } from './facts.ts';
import type { Finding } from './finding.ts';
import { limitsInShort } from '../limit/words.ts';
import { affected, examplesOf } from './judge-runs.ts';
import { ofVersions } from './judge-versions.ts';

/** A worker that keeps up leaves no task waiting for so long, ms. */
export const BACKLOG_AGE_MS = 60_000;

/** What is wrong with them. A backlog without a worker is not told. */
export function ofQueues(seen: ServerSeen, { taskQueue, namespace }: Facts): Finding[] {
  const absent = absentWorker(seen, taskQueue);
  const versions = absent?.code === 'no_worker' ? [] : ofVersions(seen.versions, namespace);
  // Runs that wait for a current version answer no question.
  const isTold = absent === undefined || versions.some(({ code }) => code === 'version_not_current');
  const findings = [...(isTold ? [] : [absent]), ...versions, ...elsewhere(seen, taskQueue)];
  if (findings.length > 0) return findings;
  const ours = seen.queues.filter((queue) => queue.taskQueue === taskQueue);
  // With versions, tasks of runs that went to another version are counted for ever. Only a run that is late proves it.
  const late = ours.find(({ backlog }) => backlog.tasks > 0 && backlog.ageMs > BACKLOG_AGE_MS);
  if (late === undefined || (seen.versions !== undefined && examplesOf(seen.runs, 'overdue').length === 0)) return [];
  const { tasks, ageMs } = late.backlog;
  const seconds = Math.round(ageMs / 1_000);
  const wait = counted(tasks, `${ONE_WORDS[late.kind]} waits`, `${KIND_WORDS[late.kind]} wait`);
  const what = `${wait} in ${quoted(taskQueue)}, the oldest for ${seconds} s`;
  if (late.limits !== undefined && isLimited(late.limits)) {
    return [
      {
        code: 'limited',
        severity: 'warning',
        problem: `${what}: its limits hold them back (${limitsInShort(late.limits)}), or the workers are too slow`,
        fix: 'if more should go out: topcalls-webhooks limit show, then limit set',
        ...affected(seen.runs, 'overdue'),
      },
    ];
  }
  return [
    {
      code: 'backlog',
      severity: 'trouble',
      problem: `${what}: the workers are too slow, too few, or all their slots are taken`,
      fix: 'start one more worker, or give the workers more CPU',
      ...affected(seen.runs, 'overdue'),
    },
  ];
}

/** Undefined if a worker of our task queue lives, as far as can be told. */
function absentWorker({ queues, runs, workers }: ServerSeen, taskQueue: string): Finding | undefined {
  const ours = queues.filter((queue) => queue.taskQueue === taskQueue);
  // Those that wait for a version are another finding.
  const passedOver = examplesOf(runs, 'no_worker').filter(
    (run) => run.taskQueue === taskQueue && run.version === undefined,
  );
  const isDead = (kind: QueueKind): boolean => {
    const queue = ours.find((each) => each.kind === kind);
    if (queue?.live === 0) return true;
    // If a worker lives and takes no activities, all its slots are taken.
    return passedOver.some(({ waitsIn }) => waitsIn === kind) && (kind === 'workflow' || workers === 'silent');
  };
  const dead = KINDS.filter(isDead);
  if (dead.length > 0) {
    const kinds = dead.length === 1 ? ` for ${KIND_WORDS[dead[0] ?? 'workflow']}` : '';
    const listed = Math.max(0, ...ours.map(({ pollers }) => pollers.length));
    const ghosts = listed === 0 ? '' : ` (the server still lists ${listed} of dead or busy ones)`;
    return {
      code: 'no_worker',
      severity: 'trouble',
      problem: `no worker polls the task queue ${quoted(taskQueue)}${kinds}${ghosts}: webhooks wait, none is lost`,
      fix: 'start a worker for this task queue and namespace: topcalls-webhooks worker',
      ...affected(runs, 'no_worker', passedOver),
    };
  }
  // The long poll of a frozen worker also ends some time, which looks like a poll. It does not end while tasks wait.
  const isBusy = workers === 'busy' && ours.some(({ kind, backlog }) => kind === 'workflow' && backlog.tasks > 0);
  if (isBusy || (workers !== 'silent' && workers !== 'busy')) return undefined;
  return {
    code: 'worker_silent',
    severity: 'trouble',
    problem:
      `workers of the task queue ${quoted(taskQueue)} are listed, and none answered within 6 s: ` +
      'they have stopped, were killed, or are frozen',
    fix: 'start a worker: topcalls-webhooks worker',
  };
}

const KINDS: readonly QueueKind[] = ['workflow', 'activity'];
const KIND_WORDS = { workflow: 'workflow tasks', activity: 'activities' } as const;
const ONE_WORDS = { workflow: 'workflow task', activity: 'activity' } as const;

/** Runs on a task queue that no worker polls, other than ours. */
function elsewhere(seen: ServerSeen, taskQueue: string): Finding[] {
  const others = seen.queues.filter((queue) => queue.taskQueue !== taskQueue && queue.live === 0);
  const names = [...new Set(others.map((queue) => queue.taskQueue))];
  return names.map((name) => {
    const runs = examplesOf(seen.runs, 'no_worker').filter((run) => run.taskQueue === name);
    return {
      code: 'wrong_queue',
      severity: 'trouble',
      problem: `open runs are on the task queue ${quoted(name)}, which no worker polls; ours is ${quoted(taskQueue)}`,
      fix: 'run a worker on that task queue until these have ended; client and worker need the same one',
      ...affected(undefined, 'no_worker', runs),
    };
  });
}

function quoted(name: string): string {
  return JSON.stringify(oneLine(name));
}
