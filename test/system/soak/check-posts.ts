/** POSTs of the soak: same id, same bytes, a signature that holds, silence after a cancel. Pure. */
import type { Tell } from './counts.ts';
import { outOfStandstill, stoodStill } from './excuses.ts';
import type { Post } from './fold-posts.ts';
import { grouped } from './grouped.ts';
import { inWords } from './soak-facts.ts';
import type { Facts } from './soak-facts.ts';

const CLOCK_MS = 5_000;

/** I4, I5, I7: each POST by itself, and against others of its id. */
export function checkPosts({ posts, postsById, runs, faults }: Facts, tell: Tell): void {
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
          if (post.run !== run || post.at <= outOfStandstill(faults, heardAt) || stoodStill(faults, heardAt, post.at))
            continue;
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
