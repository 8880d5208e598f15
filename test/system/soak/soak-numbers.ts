/** What the soak saw, for reading: no promise is made about these. Pure. */
import { isTaken } from './fold-posts.ts';
import { grouped } from './grouped.ts';
import { keyOf } from './soak-facts.ts';
import type { Facts } from './soak-facts.ts';

/** Counts and histograms by name. */
export function numbersOf({ ops, runs, rows, posts, faults, final }: Facts): Record<string, unknown> {
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
    overruled: [
      ...grouped(
        final.filter((line) => line.type === 'state'),
        keyOf,
      ).values(),
    ].filter((each) => each[0]?.state === 'delivered' && each.some(({ state }) => state !== 'delivered')).length,
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
