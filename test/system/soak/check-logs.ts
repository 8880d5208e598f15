/**
 * The soak's checker: what was asked, what receivers saw and what was recorded, held against each other. Pure: the
 * same logs give the same answer.
 */
import { checkEnds } from './check-ends.ts';
import { checkLadders } from './check-ladders.ts';
import { checkPosts } from './check-posts.ts';
import { checkRecords } from './check-records.ts';
import { checkSurroundings } from './check-surroundings.ts';
import { COUNTS } from './counts.ts';
import type { Checked, CountName, Violation } from './counts.ts';
import type { SoakLogs } from './log-lines.ts';
import { gather } from './soak-facts.ts';
import { numbersOf } from './soak-numbers.ts';

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
