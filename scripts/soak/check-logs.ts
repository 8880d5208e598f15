/**
 * The soak's checker: what was asked, what receivers saw and what was recorded, held against each other. Pure: the same logs give
 * the same answer. Names of invariants are those of the fault list (I1 no loss … I12 liveness).
 */
import { somethingBroke, stoodStill } from './excuses.ts';
import { foldPosts, isTaken, type Post } from './fold-posts.ts';
import { grouped } from './grouped.ts';
import type { OpLine, RowLine, RunLine, SoakLogs } from './log-lines.ts';

/** What must not happen, and what it means. Every count must be 0. */
export const COUNTS = {
  lost: 'I1: an accepted call has no run, or one of its deliveries no row',
  unexpected: 'I2: a POST, row or run that no accepted call explains, or a redelivery twice',
  doubleFinal: 'I1: a delivery had two final states',
  untrue: 'I3: an attempt is recorded that no receiver saw so, a delivered one above all',
  missed: 'I3: a receiver took it, nothing was broken, and it is not recorded as delivered',
  forgotten: 'an attempt that a receiver saw is in no record',
  mutated: 'I4: the bytes of one webhook id changed, or the id of one endpoint',
  badlySigned: 'I5: a signature does not hold, or its time is off',
  over: 'I6: an attempt was made twice, or one more than the ladder has',
  overlapping: 'I6: two POSTs of one id were in flight at once',
  early: 'I6: an attempt came before its rung, and nobody had hurried it',
  afterCancel: 'I7: an attempt began after the run had heard of its cancel',
  touched: 'I7: a redirect was followed, or a forbidden address connected to',
  disagreeing: 'the log, result() and the close status tell different outcomes',
  died: 'I9: a worker ended that nobody had ended, or badly after SIGTERM',
  surprising: 'the client answered with an error that the situation does not explain',
  open: 'I12: a run was still open after the drain',
} as const;

export type CountName = keyof typeof COUNTS;
export type Violation = { readonly count: CountName; readonly what: string };
export type Checked = {
  readonly counts: Readonly<Record<CountName, number>>;
  readonly violations: readonly Violation[];
  /** What was seen, for reading: no promise is made about these. */
  readonly numbers: Readonly<Record<string, unknown>>;
};

/** Timers of server and receiver are read on one machine; its scheduler is not exact. */
const SLACK_MS = 50;
/** From a worker's taking an attempt to the POST's arrival, on busy cores. */
const ON_ITS_WAY_MS = 2_000;
const CLOCK_MS = 5_000;

/** Holds the logs of a soak against the promises. `retryDelaysMs`: the ladder its calls had. */
export function checkLogs(logs: SoakLogs, retryDelaysMs: readonly number[]): Checked {
  const facts = gather(logs);
  const found: Violation[] = [];
  const tell =
    (count: CountName) =>
    (what: string): void =>
      void found.push({ count, what });
  checkEnds(facts, tell);
  checkRecords(facts, tell);
  checkPosts(facts, tell);
  checkLadders(facts, retryDelaysMs, tell);
  checkSurroundings(facts, tell);
  const counts = Object.fromEntries(
    Object.keys(COUNTS).map((name) => [name, found.filter(({ count }) => count === name).length]),
  ) as Record<CountName, number>;
  return { counts, violations: found, numbers: numbersOf(facts) };
}

type Tell = (count: CountName) => (what: string) => void;
type Facts = SoakLogs & {
  readonly runs: readonly RunLine[];
  readonly rows: readonly RowLine[];
  readonly posts: readonly Post[];
  readonly postsById: ReadonlyMap<string, readonly Post[]>;
  readonly rowBy: ReadonlyMap<string, RowLine>;
};

function gather(logs: SoakLogs): Facts {
  const runs = logs.final.filter((line) => line.type === 'run');
  const rows = logs.final.filter((line) => line.type === 'row');
  const posts = foldPosts(logs.receiver, runs);
  const rowBy = new Map(rows.map((row) => [keyOf(row), row]));
  return { ...logs, runs, rows, posts, postsById: grouped(posts, ({ id }) => id), rowBy };
}

function keyOf({ webhookId, cycle }: { readonly webhookId: string; readonly cycle: number }): string {
  return `${webhookId} cycle ${cycle}`;
}

/** I1, I2, I12: what was accepted has ended, and nothing else has. */
function checkEnds({ ops, runs, rows, posts, rowBy, final }: Facts, tell: Tell): void {
  const starts = ops.filter(({ op }) => op === 'start');
  const asked = new Set(starts.filter(({ outcome }) => outcome !== 'error').map(({ workflowId }) => workflowId));
  const accepted = new Set(starts.filter(({ outcome }) => outcome === 'ok').map(({ workflowId }) => workflowId));
  const ran = new Set(runs.map(({ workflowId }) => workflowId));
  for (const workflowId of accepted)
    if (!ran.has(workflowId)) tell('lost')(`${workflowId} was accepted and has no run`);
  const cycles = new Set<string>();
  for (const run of runs) {
    const name = `${run.workflowId} cycle ${run.cycle}`;
    if (!asked.has(run.workflowId)) tell('unexpected')(`run ${run.workflowId} was never asked for`);
    if (cycles.has(name)) tell('unexpected')(`${name} ran twice`);
    cycles.add(name);
    if (run.status === 'RUNNING') tell('open')(name);
    for (const { webhookId } of run.status === 'RUNNING' ? [] : run.endpoints) {
      if (!rowBy.has(keyOf({ webhookId, cycle: run.cycle })))
        tell('lost')(`${name} (${run.status}): no row of ${webhookId}`);
    }
  }
  const redelivered = new Set<string>();
  for (const { workflowId, cycle } of ops.filter(({ op, outcome }) => /redeliver/i.test(op) && outcome === 'ok')) {
    const name = `${workflowId} cycle ${cycle}`;
    if (!cycles.has(name)) tell('lost')(`the redelivery ${name} was accepted and has no run`);
    if (redelivered.has(name)) tell('unexpected')(`the redelivery ${name} was accepted twice`);
    redelivered.add(name);
  }
  const known = new Set(
    runs.flatMap((run) => run.endpoints.map(({ webhookId }) => keyOf({ webhookId, cycle: run.cycle }))),
  );
  for (const row of rows) if (!known.has(keyOf(row))) tell('unexpected')(`row ${keyOf(row)} belongs to no run`);
  for (const post of posts) if (post.run === undefined) tell('unexpected')(`POST ${inWords(post)} belongs to no run`);
  const states = final.filter((line) => line.type === 'state');
  for (const [key, each] of grouped(states, keyOf)) {
    // A terminated delivery's record may yet come true: an attempt in flight that was taken.
    const distinct = new Set(each.map(({ state }) => state).filter((state) => state !== 'terminated'));
    if (distinct.size > 1) tell('doubleFinal')(`${key} was ${[...distinct].join(', then ')}`);
  }
}

/** I3: what is recorded is true, whole, and the same wherever one looks. */
function checkRecords({ runs, rowBy, postsById, faults, final }: Facts, tell: Tell): void {
  for (const run of runs.filter(({ status }) => status !== 'RUNNING')) {
    for (const { webhookId } of run.endpoints) {
      const key = keyOf({ webhookId, cycle: run.cycle });
      const row = rowBy.get(key);
      if (row === undefined) continue;
      const posts = (postsById.get(webhookId) ?? []).filter((post) => post.run === run);
      const all = postsById.get(webhookId) ?? [];
      for (const { number, outcome, status } of row.attempts) {
        if (outcome !== 'delivered' && outcome !== 'http') continue;
        // By number among all: a worker that stood still sends in a later run's time.
        const seen = all.some((post) => post.attempt === number && post.status !== undefined && post.status === status);
        if (!seen) tell('untrue')(`${key}: attempt ${number} is told as ${outcome} ${status}`);
      }
      if (row.state === 'delivered' && !row.attempts.some(({ outcome }) => outcome === 'delivered')) {
        tell('untrue')(`${key} is delivered by no attempt`);
      }
      // Who terminates a run ends its memory, too.
      if (run.status === 'TERMINATED') continue;
      for (const post of posts) {
        const isExcused = stoodStill(faults, post.at, post.at);
        if (isExcused) continue;
        const told = row.attempts.some(({ number }) => number === post.attempt);
        if (!told) tell('forgotten')(`${key}: ${inWords(post)} is not among ${row.attempts.length} attempts`);
        const broken = somethingBroke(faults, post.at - 2_000, post.at + 35_000);
        if (isTaken(post) && row.state !== 'delivered' && !broken)
          tell('missed')(`${key} is ${row.state}: ${inWords(post)}`);
      }
      const told = run.deliveries.find((delivery) => delivery.webhookId === webhookId);
      if (told?.state !== row.state) tell('disagreeing')(`${key}: row ${row.state}, history ${told?.state}`);
    }
    const expected = closeStatusOf(run);
    if (run.status !== 'TERMINATED' && run.status !== expected) {
      tell('disagreeing')(`${run.workflowId} cycle ${run.cycle} closed as ${run.status}, its outcomes say ${expected}`);
    }
  }
  for (const line of final) {
    if (line.type !== 'result') continue;
    const run = runs.find(({ runId }) => runId === line.runId);
    const states = (deliveries: RunLine['deliveries']): string =>
      deliveries
        .map(({ webhookId, state }) => `${webhookId} ${state}`)
        .toSorted()
        .join(', ');
    if (run !== undefined && states(run.deliveries) !== states(line.deliveries)) {
      tell('disagreeing')(
        `${line.workflowId}: result() says ${states(line.deliveries)}, history ${states(run.deliveries)}`,
      );
    }
  }
}

function closeStatusOf({ deliveries }: RunLine): string {
  const states = new Set(deliveries.map(({ state }) => state));
  if (['failed', 'gone', 'refused', 'terminated'].some((state) => states.has(state))) return 'FAILED';
  return states.has('cancelled') ? 'CANCELLED' : 'COMPLETED';
}

/** I4, I5, I7: each POST by itself, and against others of its id. */
function checkPosts({ posts, postsById, runs, faults }: Facts, tell: Tell): void {
  for (const [id, each] of postsById) {
    if (new Set(each.map(({ bodySha256 }) => bodySha256)).size > 1) tell('mutated')(`${id} came with different bytes`);
  }
  for (const [hook, each] of grouped(posts, (post) => post.hook)) {
    if (new Set(each.map(({ id }) => id)).size > 1) tell('mutated')(`${hook} got different webhook ids`);
  }
  for (const post of posts) {
    const isLate = Math.abs(post.at - post.sentAt) > CLOCK_MS && !stopped(faults, post);
    if (post.verdict !== 'ok' || isLate) {
      tell('badlySigned')(`${inWords(post)}: ${post.verdict}, ${post.at - post.sentAt} ms after its timestamp`);
    }
  }
  for (const run of runs) {
    for (const { heardAt, endpointId } of run.cancels) {
      const ids = run.endpoints.filter((each) => endpointId === undefined || each.endpointId === endpointId);
      for (const { webhookId } of ids) {
        for (const post of postsById.get(webhookId) ?? []) {
          if (post.run !== run || post.at <= heardAt + ON_ITS_WAY_MS || stoodStill(faults, heardAt, post.at)) continue;
          tell('afterCancel')(`${inWords(post)}, ${post.at - heardAt} ms after the run had heard of its cancel`);
        }
      }
    }
  }
}

/** A short stop between signing and sending makes a timestamp old. */
function stopped(faults: Facts['faults'], { at, sentAt }: Post): boolean {
  return faults.some(
    (line) => line.type === 'fault' && line.fault === 'stop-worker' && line.from <= at && line.to >= sentAt,
  );
}

/** I6: never more attempts than the ladder has, never two at once, never before their time. */
function checkLadders({ ops, runs, postsById, faults }: Facts, retryDelaysMs: readonly number[], tell: Tell): void {
  const ladders = new Map<string, number>();
  const workflowOf = new Map<string, string>();
  for (const { workflowId, endpoints } of runs) {
    for (const { webhookId } of endpoints) {
      ladders.set(webhookId, (ladders.get(webhookId) ?? 0) + 1);
      workflowOf.set(webhookId, workflowId);
    }
  }
  for (const [id, posts] of postsById) {
    const mine = ops.filter(({ workflowId }) => workflowId === workflowOf.get(id));
    // Every attempt of a ladder has a number of its own, also one whose worker was killed: a number comes once per ladder.
    for (const [attempt, each] of grouped(posts, (post) => post.attempt)) {
      if (attempt > retryDelaysMs.length + 1) tell('over')(`${id} had an attempt ${attempt}`);
      const allowed = ladders.get(id) ?? 0;
      if (each.length > allowed)
        tell('over')(`${id}: attempt ${attempt} came ${each.length} times in ${allowed} ladders`);
    }
    for (const [index, post] of posts.entries()) {
      const next = posts[index + 1];
      if (next === undefined || stoodStill(faults, post.at, next.at)) continue;
      const endedAt = post.endedAt ?? Number.POSITIVE_INFINITY;
      const wasTerminated = mine.some(({ op, at }) => op === 'terminate' && at <= next.at);
      if (next.at < endedAt - SLACK_MS && !wasTerminated && post.answeredAt === undefined) {
        tell('overlapping')(`${inWords(post)} was unanswered when ${inWords(next)} came`);
      }
      const failedAt = post.answeredAt ?? post.endedAt;
      const rung = retryDelaysMs[post.attempt - 1];
      if (next.attempt !== post.attempt + 1 || failedAt === undefined || rung === undefined || isTaken(post)) continue;
      const gap = next.at - failedAt;
      if (gap < rung - SLACK_MS && !wasHurried(mine, failedAt, next.at)) {
        tell('early')(
          `${inWords(next)} came ${gap} ms after attempt ${post.attempt} had failed; its rung is ${rung} ms`,
        );
      }
    }
  }
}

function wasHurried(ops: readonly OpLine[], from: number, to: number): boolean {
  return ops.some(({ op, at, doneAt }) => /retryNow/i.test(op) && at <= to && doneAt >= from - SLACK_MS);
}

/** I7, I9: workers stayed up, nobody was touched who must not be, and the client's answers make sense. */
function checkSurroundings({ ops, receiver, faults }: Facts, tell: Tell): void {
  for (const line of receiver) if (line.type === 'touched') tell('touched')(line.what);
  for (const line of faults) {
    if (line.type === 'died') tell('died')(`${line.worker} ended by itself with ${line.exitCode}`);
    else if (line.type === 'fault' && line.fault === 'term-worker' && line.exitCode !== 0) {
      tell('died')(`${line.victim} ended with ${line.exitCode} ${line.tookMs} ms after SIGTERM`);
    }
  }
  const acceptedAt = new Map<string, number>();
  for (const { op, outcome, workflowId, doneAt } of ops) {
    if (op !== 'start' || outcome !== 'ok') continue;
    acceptedAt.set(workflowId, Math.min(doneAt, acceptedAt.get(workflowId) ?? doneAt));
  }
  for (const { op, workflowId, at, error } of ops) {
    if (error === undefined || EXPECTED_ERRORS.has(error)) continue;
    const isMissing = error === 'not_found' || error === 'history_gone';
    if (isMissing && at < (acceptedAt.get(workflowId) ?? Number.POSITIVE_INFINITY)) continue;
    tell('surprising')(`${op} of ${workflowId}: ${error}`);
  }
}

/** The last two are the SDK's own, of requests that do not go through our client. */
const EXPECTED_ERRORS: ReadonlySet<string> = new Set([
  'temporal_unavailable',
  'still_running',
  'already_delivered',
  'ServiceError',
  'WorkflowNotFoundError',
]);

function inWords({ n, hook, id, attempt, status }: Post): string {
  return `POST ${n} (${id}, ${hook}, attempt ${attempt}, ${status ?? 'not answered'})`;
}

function numbersOf({ ops, runs, rows, posts, faults }: Facts): Record<string, unknown> {
  const perAttempt = [...grouped(posts, (post) => `${post.run?.runId} ${post.id}`).values()].map((each) => each.length);
  return {
    accepted: new Set(
      ops.filter(({ op, outcome }) => op === 'start' && outcome === 'ok').map(({ workflowId }) => workflowId),
    ).size,
    runs: runs.length,
    deliveries: rows.length,
    posts: posts.length,
    states: tally(rows.map(({ state }) => state)),
    attemptsPerLadder: tally(perAttempt),
    takenMoreThanOnce: [...grouped(posts.filter(isTaken), (post) => `${post.run?.runId} ${post.id}`).values()].filter(
      (each) => each.length > 1,
    ).length,
    lostAttempts: rows.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome === 'unknown').length,
    faults: tally(faults.flatMap((line) => (line.type === 'fault' ? [line.fault] : []))),
    ops: tally(ops.map(({ op, outcome, accepted }) => `${op} ${accepted === false ? 'not accepted' : outcome}`)),
  };
}

function tally(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values.map(String).toSorted()) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
