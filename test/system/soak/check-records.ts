/** Records of the soak: true, whole, and the same wherever one looks. Pure. */
import type { Tell } from './counts.ts';
import { somethingBroke, stoodStill, wasReset } from './excuses.ts';
import { isTaken } from './fold-posts.ts';
import type { RowLine, RunLine } from './log-lines.ts';
import { inWords, keyOf, rowOf } from './soak-facts.ts';
import type { Facts } from './soak-facts.ts';

/** I3: what is recorded is true, whole, and the same wherever one looks. */
export function checkRecords(facts: Facts, tell: Tell): void {
  for (const run of facts.runs.filter(({ status }) => status !== 'RUNNING')) {
    for (const { webhookId } of run.endpoints) {
      const row = rowOf(facts, run, webhookId);
      if (row === undefined) continue;
      checkTold(facts, row, tell);
      // A terminated run cannot tell what it knew.
      if (run.status === 'TERMINATED') continue;
      checkSeen(facts, run, row, tell);
      const told = run.deliveries.find((delivery) => delivery.webhookId === webhookId);
      if (told?.state !== row.state) tell('disagreeing')(`${keyOf(row)}: row ${row.state}, history ${told?.state}`);
    }
    if (run.status !== 'TERMINATED') checkShown(run, tell);
  }
  for (const line of facts.final) {
    const run = line.type === 'result' ? facts.runs.find(({ runId }) => runId === line.runId) : undefined;
    if (line.type !== 'result' || run === undefined) continue;
    const [answer, history] = [statesOf(line.deliveries), statesOf(run.deliveries)];
    if (answer !== history) tell('disagreeing')(`${line.workflowId}: result() says ${answer}, history ${history}`);
  }
}

/** A receiver saw every attempt that is recorded as answered. Attempts are looked up among all POSTs of the id,
 *  because a worker that stood still sends during a later run. */
function checkTold({ postsById }: Facts, row: RowLine, tell: Tell): void {
  const posts = postsById.get(row.webhookId) ?? [];
  for (const { number, outcome, status } of row.attempts) {
    if (outcome !== 'delivered' && outcome !== 'http') continue;
    const seen = posts.some((post) => post.attempt === number && post.status !== undefined && post.status === status);
    if (!seen) tell('untrue')(`${keyOf(row)}: attempt ${number} is told as ${outcome} ${status}`);
  }
  if (row.state === 'delivered' && !row.attempts.some(({ outcome }) => outcome === 'delivered')) {
    tell('untrue')(`${keyOf(row)} is delivered by no attempt`);
  }
}

/** Every POST that a receiver saw is recorded. */
function checkSeen({ postsById, faults, ops }: Facts, run: RunLine, row: RowLine, tell: Tell): void {
  for (const post of postsById.get(row.webhookId) ?? []) {
    if (post.run !== run || stoodStill(faults, post.at, post.at)) continue;
    if (wasReset(ops, run.workflowId, post.at)) continue;
    const isTold = row.attempts.some(({ number }) => number === post.attempt);
    // Our client's cancel tells the run of an attempt whose worker was killed; the server's own cancel does not.
    const isForgivable = run.cancels[0]?.by === 'server' && somethingBroke(faults, post.at - 1_000, post.at + 20_000);
    if (!isTold && !isForgivable) {
      tell('forgotten')(`${keyOf(row)}: ${inWords(post)} is not among ${row.attempts.length} attempts`);
    }
    const broken = somethingBroke(faults, post.at - 2_000, post.at + 35_000);
    if (isTaken(post) && row.state !== 'delivered' && !broken) {
      tell('missed')(`${keyOf(row)} is ${row.state}: ${inWords(post)}`);
    }
  }
}

/** The list shows the outcome by the close status and by WebhookState. A delivery that goes well at once never changes
 *  WebhookState. */
function checkShown(run: RunLine, tell: Tell): void {
  const name = `${run.workflowId} cycle ${run.cycle}`;
  const expected = closeStatusOf(run);
  if (run.status !== expected) tell('disagreeing')(`${name} closed as ${run.status}, its outcomes say ${expected}`);
  const isAtOnce = run.shownState === 'started' && run.status === 'COMPLETED';
  if (run.shownState !== run.state && !isAtOnce) {
    tell('disagreeing')(`${name}: WebhookState is ${run.shownState}, its outcome ${run.state}`);
  }
}

function closeStatusOf({ deliveries }: RunLine): string {
  const states = new Set(deliveries.map(({ state }) => state));
  if (['failed', 'gone', 'refused', 'terminated'].some((state) => states.has(state))) return 'FAILED';
  return states.has('cancelled') ? 'CANCELLED' : 'COMPLETED';
}

function statesOf(deliveries: RunLine['deliveries']): string {
  return deliveries
    .map(({ webhookId, state }) => `${webhookId} ${state}`)
    .toSorted()
    .join(', ');
}
