/**
 * Judges what the doctor has seen: what is wrong, what it means, which command helps. One fault is one finding. What
 * only follows from another finding is not told again. Pure.
 */
import type { StandingRun, StandStill, Survey } from '../../../client/survey-runs.ts';
import type { QueueKind } from '../../../client/task-queue.ts';
import { scheduleSpanMs } from '../../../contract/retry-schedule.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import type { Facts, QueueSeen, ServerSeen } from './facts.ts';

/** `trouble`: webhooks do not go out, or outcomes are not kept. `warning`: not so yet, or a person wants it so. */
export type Severity = 'trouble' | 'warning';

/** One thing that is wrong. */
export type Finding = {
  /** For programs; docs/operate.md lists all of them. */
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What was seen and what it means, in a sentence. */
  readonly problem: string;
  /** The command or the action that helps. */
  readonly fix: string;
  /** How many runs it is about. */
  readonly runs?: number;
  /** Workflow ids of some of them. */
  readonly examples?: readonly string[];
};

/** Every finding that there is. */
export const FINDING_CODES = [
  'server',
  'namespace',
  'retention',
  'search_attributes',
  'no_worker',
  'worker_silent',
  'wrong_queue',
  'backlog',
  'runs_overdue',
  'runs_stuck',
  'runs_paused',
  'waiting_for_us',
  'waiting_for_log',
  'waiting_for_notify',
  'unrecorded',
  'database',
  'schema',
  'secrets',
  'encryption_keys',
  'fairness',
  'clock',
  'not_seen',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** In which an operator may still redeliver what failed last. With the ladder it is the shortest retention that is
 *  no finding. */
const REDELIVERY_WINDOW_MS = 12 * 3_600_000;
/** As the worker's `worker.clock_off`. */
const CLOCK_OFF_MS = 30_000;
/** A worker that keeps up leaves no task waiting for so long, ms. */
const BACKLOG_AGE_MS = 60_000;

/** The findings, trouble first. Empty if nothing is wrong. */
export function findingsOf(facts: Facts): readonly Finding[] {
  const { server } = facts;
  const findings = [
    ...(server.is === 'broken' ? [brokenServer(server.problem)] : []),
    ...(server.is === 'there' ? ofServer(server.seen, facts) : []),
    ...ofDatabase(facts),
    ...ofFiles(facts),
  ];
  return findings.toSorted((one, other) => rank(one) - rank(other));
}

function rank({ severity }: Finding): number {
  return severity === 'trouble' ? 0 : 1;
}

function brokenServer({ code, words }: { readonly code: string; readonly words: string }): Finding {
  const isServer = code === 'no_temporal_server';
  return {
    code: isServer ? 'server' : 'namespace',
    severity: 'trouble',
    problem: words,
    fix: isServer ? 'start the server; webhooks then go by themselves' : 'topcalls-webhooks worker --check',
  };
}

function ofServer(seen: ServerSeen, facts: Facts): Finding[] {
  const queues = ofQueues(seen, facts);
  return [
    ...ofNamespace(seen, facts),
    ...queues,
    ...ofRuns(seen, { isQueueTold: queues.length > 0, isDatabaseDown: facts.database.is === 'broken' }),
    ...seen.unread.map(({ what, words }) => ({
      code: 'not_seen' as const,
      severity: 'warning' as const,
      problem: `${what} could not be looked at: ${words}`,
      fix: 'run the doctor again; a refusal needs more rights for it',
    })),
  ];
}

function ofNamespace(seen: ServerSeen, { namespace = 'default' }: Facts): Finding[] {
  const { retentionMs, attributes, clockAheadMs, fairness, runs } = seen;
  const findings: Finding[] = [];
  const enoughMs = scheduleSpanMs() + REDELIVERY_WINDOW_MS;
  if (retentionMs !== undefined && retentionMs < enoughMs) {
    findings.push({
      code: 'retention',
      severity: 'warning',
      problem:
        `namespace ${namespace} keeps ended runs for ${inHours(retentionMs)}; ` +
        `with less than ${inHours(enoughMs)}, failed webhooks are gone before somebody can redeliver them`,
      fix: `temporal operator namespace update --namespace ${namespace} --retention 7d`,
    });
  }
  const names = [
    ...Object.keys(attributes?.missing ?? {}),
    ...(attributes?.clashes ?? []).map(({ name, found, wanted }) => `${name} (is ${found}, needed is ${wanted})`),
  ];
  if (names.length > 0) {
    // A client that was told `searchAttributes: false` starts its runs all the same.
    const isChosen = (runs?.open ?? 0) > 0;
    findings.push({
      code: 'search_attributes',
      severity: isChosen ? 'warning' : 'trouble',
      problem:
        `namespace ${namespace} lacks search attributes: ${names.join(', ')}; ` +
        'starts fail unless the client says searchAttributes: false',
      fix: `topcalls-webhooks setup --namespace ${namespace}`,
    });
  }
  if (fairness === 'off') {
    findings.push({
      code: 'fairness',
      severity: 'warning',
      problem: 'the server ignores fairness keys: one busy account delays the webhooks of all others',
      fix: 'set matching.enableFairness, with one partition, as deploy/temporal-dynamic-config.yaml does',
    });
  }
  if (clockAheadMs !== undefined && Math.abs(clockAheadMs) >= CLOCK_OFF_MS) {
    const seconds = Math.round(Math.abs(clockAheadMs) / 1_000);
    findings.push({
      code: 'clock',
      severity: 'warning',
      problem: `this machine's clock is ${seconds} s ${clockAheadMs > 0 ? 'behind' : 'ahead of'} the server's`,
      fix: 'synchronize both clocks (NTP); attempts are signed with the server’s time meanwhile',
    });
  }
  return findings;
}

function ofQueues(seen: ServerSeen, { taskQueue }: Facts): Finding[] {
  const absent = absentWorker(seen, taskQueue);
  const findings = [...(absent === undefined ? [] : [absent]), ...elsewhere(seen, taskQueue)];
  if (findings.length > 0) return findings;
  const ours = seen.queues.filter((queue) => queue.taskQueue === taskQueue);
  const late = ours.find(({ backlog }) => backlog.tasks > 0 && backlog.ageMs > BACKLOG_AGE_MS);
  if (late === undefined) return [];
  const { tasks, ageMs } = late.backlog;
  return [
    {
      code: 'backlog',
      severity: 'trouble',
      problem:
        `${tasks} ${kindInWords(late)} wait in ${quoted(taskQueue)}, the oldest for ${Math.round(ageMs / 1_000)} s: ` +
        'the workers are too slow, too few, or all their slots are taken',
      fix: 'start one more worker, or give the workers more CPU',
      ...affected(seen.runs, 'overdue'),
    },
  ];
}

/** Undefined if a worker of our task queue lives, as far as can be told. */
function absentWorker({ queues, runs, workers }: ServerSeen, taskQueue: string): Finding | undefined {
  const ours = queues.filter((queue) => queue.taskQueue === taskQueue);
  const passedOver = examplesOf(runs, 'no_worker').filter((run) => run.taskQueue === taskQueue);
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
  if (workers !== 'silent') return undefined;
  return {
    code: 'worker_silent',
    severity: 'trouble',
    problem:
      `workers of the task queue ${quoted(taskQueue)} are listed, and none answered within 6 s: ` +
      'they were killed a moment ago, or are far too busy',
    fix: 'start a worker, or one more: topcalls-webhooks worker',
  };
}

const KINDS: readonly QueueKind[] = ['workflow', 'activity'];
const KIND_WORDS = { workflow: 'workflow tasks', activity: 'activities' } as const;

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

function ofRuns(
  { runs }: ServerSeen,
  { isQueueTold, isDatabaseDown }: { readonly isQueueTold: boolean; readonly isDatabaseDown: boolean },
): Finding[] {
  if (runs === undefined) return [];
  const findings: Finding[] = [];
  const add = (code: FindingCode, why: StandStill, severity: Severity, problem: string, fix: string): void => {
    const count = runs.counts[why];
    if (count === 0) return;
    const [example] = runs.examples[why];
    const such = example === undefined ? '' : ` (${example.problem})`;
    findings.push({ code, severity, problem: `${countInWords(count)} ${problem}${such}`, fix, ...affected(runs, why) });
  };
  add(
    'runs_stuck',
    'task_failing',
    'trouble',
    'cannot go on, because the workflow task fails again and again',
    'deploy the fixed worker, or give it the right keys; topcalls-webhooks status <id> shows the failure',
  );
  add('runs_paused', 'paused', 'warning', 'stand still, because an activity is paused', 'temporal activity unpause');
  add(
    'waiting_for_us',
    'waiting_for_us',
    'trouble',
    'wait because our own side cannot send; no attempt is spent',
    'fix the store of secrets or what else is named; then topcalls-webhooks retry-now --waiting-for-us --all',
  );
  add(
    'waiting_for_notify',
    'waiting_for_notify',
    'trouble',
    'have something to tell, and what takes deliveryEvents does not take it; no delivery waits for that',
    'fix what takes it (TOPCALLS_NOTIFY_URL); the runs close by themselves',
  );
  // What a database that is down does to the runs, its own finding says.
  if (!isDatabaseDown) {
    add(
      'waiting_for_log',
      'waiting_for_log',
      'trouble',
      'are delivered and stay open, because the delivery log does not take their records',
      'topcalls-webhooks db status, then db migrate; the runs close by themselves',
    );
  }
  if (!isQueueTold) {
    add(
      'runs_overdue',
      'overdue',
      'trouble',
      'are due for more than a minute, and no worker has started them',
      'start one more worker: all slots are taken',
    );
  }
  return findings;
}

function ofDatabase({ database, server, since }: Facts): Finding[] {
  if (database.is === 'unset') return [];
  const runs = server.is === 'there' ? server.seen.runs : undefined;
  if (database.is === 'broken') {
    const { words } = database.problem;
    return [
      {
        code: 'database',
        severity: 'trouble',
        problem: `${words}; webhooks go out, and their runs stay open until the log takes the records`,
        fix: 'start the database or correct TOPCALLS_DATABASE_URL; topcalls-webhooks db status tells when it is well',
        ...affected(runs, 'waiting_for_log'),
      },
    ];
  }
  const { place, pending, unrecorded } = database.seen;
  const findings: Finding[] = [];
  if (pending.length > 0) {
    findings.push({
      code: 'schema',
      severity: 'trouble',
      problem: `${place}: ${pending.length} migrations are pending (${pending.join(', ')})`,
      fix: 'topcalls-webhooks db migrate',
    });
  }
  if (unrecorded !== undefined && unrecorded.runs > 0) {
    const least = unrecorded.unread > 0 ? 'at least ' : '';
    findings.push({
      code: 'unrecorded',
      severity: 'trouble',
      problem: `the delivery log lacks ${least}${countInWords(unrecorded.runs)} that closed since ${since}`,
      fix: `topcalls-webhooks reconcile --since ${since}`,
      runs: unrecorded.runs,
      examples: unrecorded.examples.map(oneLine),
    });
  }
  return findings;
}

function ofFiles({ secrets, keys, server }: Facts): Finding[] {
  const findings: Finding[] = [];
  if (secrets.is === 'broken') {
    findings.push({
      code: 'secrets',
      severity: 'trouble',
      problem: `the secrets file cannot be used: ${secrets.problem.words}`,
      fix: 'correct the file; a worker that runs keeps the secrets of before, and none can start',
    });
  }
  if (keys.is === 'broken') {
    findings.push({
      code: 'encryption_keys',
      severity: 'trouble',
      problem: `the encryption keys cannot be used: ${keys.problem.words}`,
      fix: 'correct the keys, or make new ones: topcalls-webhooks generate-key',
    });
  }
  if (server.is === 'there' && server.seen.readsRuns === false) {
    findings.push({
      code: 'encryption_keys',
      severity: 'trouble',
      problem: 'the encryption keys read none of the newest open runs: a worker with them fails every workflow task',
      fix: 'give workers and commands the keys of the client that started the runs (docs/encryption.md)',
    });
  }
  return findings;
}

function examplesOf(runs: Survey | undefined, why: StandStill): readonly StandingRun[] {
  return runs?.examples[why] ?? [];
}

function affected(
  runs: Survey | undefined,
  why: StandStill,
  some: readonly StandingRun[] = examplesOf(runs, why),
): Pick<Finding, 'runs' | 'examples'> {
  if (some.length === 0) return {};
  return {
    runs: Math.max(runs?.counts[why] ?? 0, some.length),
    examples: some.map(({ workflowId }) => oneLine(workflowId)),
  };
}

function kindInWords({ kind }: Pick<QueueSeen, 'kind'>): string {
  return KIND_WORDS[kind];
}

function countInWords(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}

function quoted(name: string): string {
  return JSON.stringify(oneLine(name));
}

function inHours(ms: number): string {
  return `${Math.round(ms / 360_000) / 10} h`;
}
