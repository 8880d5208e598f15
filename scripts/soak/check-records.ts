/** Records of the soak: true, whole, and the same wherever one looks. Pure. */
import type { Tell } from './counts.ts';
import { somethingBroke, stoodStill } from './excuses.ts';
import { isTaken } from './fold-posts.ts';
import type { RunLine } from './log-lines.ts';
import { inWords, keyOf } from './soak-facts.ts';
import type { Facts } from './soak-facts.ts';

/** I3: what is recorded is true, whole, and the same wherever one looks. */
export function checkRecords({ runs, rowBy, postsById, faults, final }: Facts, tell: Tell): void {
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
        // The server's own cancel brings no word of an attempt whose worker was killed; our client's does.
        const isForgivable =
          run.cancels[0]?.by === 'server' && somethingBroke(faults, post.at - 1_000, post.at + 20_000);
        if (!told && !isForgivable)
          tell('forgotten')(`${key}: ${inWords(post)} is not among ${row.attempts.length} attempts`);
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
