/**
 * Looks at the open runs of a namespace for the doctor: how many there are, and which of them stand still. Lists and
 * counts are Temporal's own. Only runs that may stand still are described, and no history is read. So it takes seconds
 * also with 10,000 open runs.
 */
import {
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Stalled } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { ATTRIBUTES } from '../contract/names.ts';
import { inDeadline } from './deadlines.ts';
import { saysNotFound, statusNameOf, grpcCauseOf } from './grpc-answers.ts';
import { waitingIn, type Looking } from './missing-worker.ts';
import { stalledIn } from './stalled.ts';
import { FAILING, OPEN, OVERDUE_MS, PAUSED, suspects } from './suspects.ts';
import { pollersOf, type Poller, type QueueKind } from './task-queue.ts';
import { withoutMemos } from './without-memos.ts';

/** Why a run stands still. `overdue`: a worker polls, and has not taken the run's task for a minute. */
export type StandStill = Stalled['why'] | 'overdue';

/** A run that stands still. */
export type StandingRun = {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly why: StandStill;
  /** Of `no_worker` and `overdue`: what its task waits in. */
  readonly waitsIn?: QueueKind;
  /** Of `no_worker`: the version that it needs, or that is not current. Absent where workers have no versions. */
  readonly version?: string;
  /** What was seen, for people. */
  readonly problem: string;
  readonly since?: string;
};

/** What a survey found. A count is absent if the server did not count. */
export type Survey = {
  readonly open?: number;
  readonly retrying?: number;
  /** At least so many runs stand still, by why. Exact where `isWhole`, or where the server counts them. */
  readonly counts: Readonly<Record<StandStill, number>>;
  /** Some of them for each reason, the first ones found. */
  readonly examples: Readonly<Record<StandStill, readonly StandingRun[]>>;
  /** Runs that were described. */
  readonly described: number;
  /** Whether every open run was described. */
  readonly isWhole: boolean;
  /** Task queues of open runs, as far as they were listed. */
  readonly taskQueues: readonly string[];
};

/** How a survey goes about it. */
export type SurveyOptions = {
  /** The server's time now, ms since 1970. Default: this machine's. */
  readonly nowMs?: () => number;
  /** The task queue that workers should poll. Runs of other queues are looked for. */
  readonly taskQueue: string;
  /** Called after every few runs, for showing progress. */
  readonly onProgress?: (described: number, of: number) => void;
};

/** Runs that are described at the same time. */
const AT_ONCE = 20;
/** After this no further run is described, ms. */
const DESCRIBE_MS = 8_000;
/** Examples of each reason. */
const MAX_EXAMPLES = 5;
/** A run that looks as if it stood still may be about to go on. It is looked at once more after this, ms. */
const SECOND_LOOK_MS = 1_500;
/** What was asked about pollers holds for so long, ms. */
const POLLERS_HOLD_MS = 2_000;

function perReason<T>(of: (why: StandStill) => T): Readonly<Record<StandStill, T>> {
  return {
    no_worker: of('no_worker'),
    task_failing: of('task_failing'),
    paused: of('paused'),
    waiting_for_us: of('waiting_for_us'),
    waiting_for_log: of('waiting_for_log'),
    waiting_for_notify: of('waiting_for_notify'),
    overdue: of('overdue'),
  };
}

/** Surveys the open runs. Rejects with what the SDK throws if the server does not list runs. */
export async function surveyRuns(client: Client, options: SurveyOptions): Promise<Survey> {
  const nowMs = options.nowMs ?? (() => Date.now());
  const [open, retrying, forUs, failing, paused] = await Promise.all([
    countOf(client, OPEN),
    countOf(client, `${OPEN} AND ${ATTRIBUTES.state} = 'retrying'`),
    countOf(client, `${OPEN} AND ${ATTRIBUTES.state} = 'waiting_for_us'`),
    countOf(client, `${OPEN} AND ${FAILING}`),
    countOf(client, `${OPEN} AND ${PAUSED}`),
  ]);
  const { runs, isWhole } = await suspects(client, open, { ...options, nowMs });
  const standing = await standingAmong(client, runs, nowMs, options.onProgress);
  const of = (why: StandStill): StandingRun[] => standing.found.filter((run) => run.why === why);
  const counted: Partial<Record<StandStill, number>> = given({ waiting_for_us: forUs, task_failing: failing, paused });
  const wasWhole = isWhole && standing.described === runs.length;
  const count = (why: StandStill): number => (wasWhole ? of(why).length : Math.max(of(why).length, counted[why] ?? 0));
  return {
    ...given({ open, retrying }),
    counts: perReason(count),
    examples: perReason((why) => of(why).slice(0, MAX_EXAMPLES)),
    described: standing.described,
    isWhole: wasWhole,
    taskQueues: [...new Set(runs.map(({ taskQueue }) => taskQueue))],
  };
}

/** Undefined if the server does not count this: no such attribute, or no visibility store. */
async function countOf(client: Client, query: string): Promise<number | undefined> {
  try {
    return (await inDeadline(client, () => withoutMemos(client).count(query))).count;
  } catch (error) {
    if (statusNameOf(grpcCauseOf(error)) === 'UNAVAILABLE') throw error;
    return undefined;
  }
}

async function standingAmong(
  client: Client,
  runs: readonly WorkflowExecutionInfo[],
  nowMs: () => number,
  onProgress: SurveyOptions['onProgress'],
): Promise<{ readonly found: readonly StandingRun[]; readonly described: number }> {
  const looking: Looking = { nowMs, pollersOf: remembered((queue, kind) => pollersOf(client, queue, kind)) };
  const look = (run: WorkflowExecutionInfo) => standingRun(client, run, looking);
  const deadlineMs = Date.now() + DESCRIBE_MS;
  const suspected: WorkflowExecutionInfo[] = [];
  const found: StandingRun[] = [];
  let described = 0;
  for (let at = 0; at < runs.length && Date.now() < deadlineMs; at += AT_ONCE) {
    const few = runs.slice(at, at + AT_ONCE);
    const looked = await Promise.all(few.map(look));
    for (const [index, standing] of looked.entries()) {
      const run = few[index];
      if (standing === undefined || run === undefined) continue;
      if (isPassing(standing)) suspected.push(run);
      else found.push(standing);
    }
    described += few.length;
    onProgress?.(described, runs.length);
  }
  return { found: [...found, ...(await lookedAtAgain(suspected, look))], described };
}

/** A task that failed once, or one record that was not taken, may be over in a moment. */
function isPassing({ why }: StandingRun): boolean {
  return why === 'task_failing' || why.startsWith('waiting_for_');
}

async function lookedAtAgain(
  runs: readonly WorkflowExecutionInfo[],
  look: (run: WorkflowExecutionInfo) => Promise<StandingRun | undefined>,
): Promise<StandingRun[]> {
  if (runs.length === 0) return [];
  await new Promise((resolve) => setTimeout(resolve, SECOND_LOOK_MS));
  const found: StandingRun[] = [];
  for (let at = 0; at < runs.length; at += AT_ONCE) {
    const looked = await Promise.all(runs.slice(at, at + AT_ONCE).map(look));
    found.push(...looked.filter((run) => run !== undefined));
  }
  return found;
}

/** Undefined if the run goes on, or has ended meanwhile. */
async function standingRun(
  client: Client,
  { workflowId, runId, taskQueue }: WorkflowExecutionInfo,
  looking: Looking,
): Promise<StandingRun | undefined> {
  let description: WorkflowExecutionDescription;
  try {
    description = await inDeadline(client, () => withoutMemos(client).getHandle(workflowId, runId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || saysNotFound(error)) return undefined;
    throw error;
  }
  // Without its history: what made a task fail may quote the input.
  const { stalled } = await stalledIn(client, description, undefined, looking);
  if (stalled !== undefined) {
    const { why, problem, since, version } = stalled;
    const waitsIn = why === 'no_worker' ? waitingIn(description.raw, looking.nowMs())[0]?.kind : undefined;
    return { workflowId, taskQueue, why, problem, ...given({ since, waitsIn, version }) };
  }
  return overdue(description, looking.nowMs());
}

function overdue({ raw, status, workflowId, taskQueue }: WorkflowExecutionDescription, nowMs: number) {
  if (status.name !== 'RUNNING') return undefined;
  const late = waitingIn(raw, nowMs).find(({ sinceMs }) => sinceMs !== undefined && nowMs - sinceMs > OVERDUE_MS);
  if (late?.sinceMs === undefined) return undefined;
  const seconds = Math.round((nowMs - late.sinceMs) / 1_000);
  const what = late.kind === 'workflow' ? 'its workflow task' : 'its attempt';
  const problem = `${what} has been due for ${seconds} s, and no worker has started it`;
  const since = new Date(late.sinceMs).toISOString();
  return { workflowId, taskQueue, why: 'overdue', waitsIn: late.kind, problem, since } satisfies StandingRun;
}

/** The same answer for a moment: many runs ask for the same queue. */
function remembered(ask: Looking['pollersOf']): Looking['pollersOf'] {
  const known = new Map<string, { readonly atMs: number; readonly pollers: Promise<readonly Poller[]> }>();
  return (taskQueue: string, kind: QueueKind) => {
    const key = `${kind} ${taskQueue}`;
    const last = known.get(key);
    if (last !== undefined && Date.now() - last.atMs < POLLERS_HOLD_MS) return last.pollers;
    const pollers = ask(taskQueue, kind);
    known.set(key, { atMs: Date.now(), pollers });
    return pollers;
  };
}
