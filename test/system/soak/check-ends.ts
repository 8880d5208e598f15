/** Ends of the soak: nothing lost, nothing invented, one final state each, nothing left open. Pure. */
import type { Tell } from './counts.ts';
import { somethingBroke } from './excuses.ts';
import { isTaken } from './fold-posts.ts';
import { grouped } from './grouped.ts';
import { inWords, keyIn, keyOf, rowOf } from './soak-facts.ts';
import type { Facts } from './soak-facts.ts';

/** I1, I2, I12: what was accepted has ended, and nothing else has. */
export function checkEnds(facts: Facts, tell: Tell): void {
  const { ops, runs, rows, posts, final } = facts;
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
    if (run.resetFrom === undefined) {
      if (cycles.has(name)) tell('unexpected')(`${name} ran twice`);
      cycles.add(name);
    } else if (!ops.some(({ op, workflowId }) => op === 'reset' && workflowId === run.workflowId)) {
      tell('unexpected')(`${name} was reset by nobody`);
    }
    if (run.status === 'RUNNING') tell('open')(name);
    for (const { webhookId } of run.status === 'RUNNING' ? [] : run.endpoints) {
      if (rowOf(facts, run, webhookId) === undefined) tell('lost')(`${name} (${run.status}): no row of ${webhookId}`);
    }
  }
  const redelivered = new Set<string>();
  for (const { workflowId, cycle } of ops.filter(({ op, outcome }) => /redeliver/i.test(op) && outcome === 'ok')) {
    const name = `${workflowId} cycle ${cycle}`;
    if (!cycles.has(name)) tell('lost')(`the redelivery ${name} was accepted and has no run`);
    if (redelivered.has(name)) tell('unexpected')(`the redelivery ${name} was accepted twice`);
    redelivered.add(name);
  }
  const known = new Set(runs.flatMap((run) => run.endpoints.map(({ webhookId }) => keyIn(run, webhookId))));
  for (const row of rows) if (!known.has(keyOf(row))) tell('unexpected')(`row ${keyOf(row)} belongs to no run`);
  for (const post of posts) if (post.run === undefined) tell('unexpected')(`POST ${inWords(post)} belongs to no run`);
  const states = final.filter((line) => line.type === 'state');
  for (const [key, each] of grouped(states, keyOf)) {
    // An attempt in flight may still deliver after the run was terminated, and its record then replaces `terminated`.
    const distinct = new Set(each.map(({ state }) => state).filter((state) => state !== 'terminated'));
    if (distinct.size > 1 && !isOverruled(facts, key, distinct))
      tell('doubleFinal')(`${key} was ${[...distinct].join(', then ')}`);
  }
}

/** The delivery was recorded at its 2xx, but a fault kept that answer from the run. The port says which record stays. */
function isOverruled({ posts, faults }: Facts, key: string, states: ReadonlySet<string>): boolean {
  const taken = posts.filter((post) => isTaken(post) && post.run !== undefined && keyIn(post.run, post.id) === key);
  return (
    [...states][0] === 'delivered' &&
    states.size === 2 &&
    taken.some(({ at, answeredAt = at }) => somethingBroke(faults, at - 2_000, answeredAt + 2_000))
  );
}
