/** Ladders of the soak: never too many attempts, never two at once, never too early. Pure. */
import type { Tell } from './counts.ts';
import { stoodStill } from './excuses.ts';
import { isTaken } from './fold-posts.ts';
import { grouped } from './grouped.ts';
import type { OpLine } from './log-lines.ts';
import { inWords } from './soak-facts.ts';
import type { Facts } from './soak-facts.ts';

/** Server and receiver read the clock of one machine, whose scheduler is not exact. */
const SLACK_MS = 50;

/** I6: never more attempts than the ladder has, never two at once, never before their time. */
export function checkLadders(
  { ops, runs, postsById, faults }: Facts,
  retryDelaysMs: readonly number[],
  tell: Tell,
): void {
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
    // Every attempt of a ladder has its own number, also one whose worker was killed. So a number comes once per
    // ladder.
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
      // A run that an operator ended or reset knows nothing of its attempt in flight.
      const wasLeft = mine.some(({ op, at }) => (op === 'terminate' || op === 'reset') && at <= next.at);
      if (next.at < endedAt - SLACK_MS && !wasLeft && post.answeredAt === undefined) {
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
  return ops.some(({ op, at, doneAt }) => /retryNow|reset/i.test(op) && at <= to && doneAt >= from - SLACK_MS);
}
