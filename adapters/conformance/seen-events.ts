/** The suite for stores of seen events, which make a receiver handle one webhook once. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ClaimAnswer, SeenEvents } from '../../receiver/seen-events.ts';
import { casesFor } from './conformance-case.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** Longer than any run of the suite. */
const LONG_MS = 600_000;
/** Short enough to wait for, long enough for a slow store to answer within. */
const SHORT_MS = 300;

/** Test cases for `claim`, `done` and `release`. `open` is called once per case and may return the same store each
 *  time. */
export function seenEventsConformance(open: () => Promise<SeenEvents> | SeenEvents): readonly ConformanceCase[] {
  return casesFor(open, {
    'a free id is claimed, and busy for everybody else': async (seen) => {
      const id = anId();
      assert.equal(await seen.claim(id, 'a', LONG_MS), 'claimed');
      assert.equal(await seen.claim(id, 'b', LONG_MS), 'busy');
      assert.equal(await seen.claim(anId(), 'b', LONG_MS), 'claimed', 'another id is free');
    },
    'of twenty claims at once one is answered `claimed`, the others `busy`': async (seen) => {
      for (let round = 1; round <= 5; round += 1) {
        const id = anId();
        const answers = await Promise.all(names(20).map((holder) => seen.claim(id, holder, LONG_MS)));
        assert.deepEqual(answers.sort(), [...names(19).map((): ClaimAnswer => 'busy'), 'claimed']);
      }
    },
    'a released id can be claimed again': async (seen) => {
      const id = anId();
      await seen.claim(id, 'a', LONG_MS);
      await seen.release(id, 'a');
      assert.equal(await seen.claim(id, 'b', LONG_MS), 'claimed');
    },
    'a release by another holder, or of an unknown id, changes nothing': async (seen) => {
      const id = anId();
      await seen.release(id, 'b');
      await seen.claim(id, 'a', LONG_MS);
      await seen.release(id, 'b');
      assert.equal(await seen.claim(id, 'b', LONG_MS), 'busy');
    },
    'what is done stays done, for its holder too, and no release undoes it': async (seen) => {
      const id = anId();
      await seen.claim(id, 'a', LONG_MS);
      await seen.done(id, 'a');
      await seen.done(id, 'a');
      await seen.release(id, 'a');
      assert.equal(await seen.claim(id, 'a', LONG_MS), 'done');
      const answers = await Promise.all(names(20).map((holder) => seen.claim(id, holder, LONG_MS)));
      assert.deepEqual(new Set(answers), new Set(['done']));
    },
    'an id can be marked as done without a claim': async (seen) => {
      const id = anId();
      await seen.done(id, 'a');
      assert.equal(await seen.claim(id, 'b', LONG_MS), 'done');
    },
    'a claim ends by itself, so that a process which died holds up nothing': async (seen) => {
      const id = anId();
      await seen.claim(id, 'died', SHORT_MS);
      await claimedInTime(seen, id, 'b');
      assert.equal(await seen.claim(id, 'died', LONG_MS), 'busy', 'who comes back late finds it taken');
    },
    'of many that wait for a claim to end, one gets it': async (seen) => {
      const id = anId();
      await seen.claim(id, 'died', SHORT_MS);
      let got = 0;
      await untilClaimEnds(async () => {
        const answers = await Promise.all(names(10).map((holder) => seen.claim(id, holder, LONG_MS)));
        got = answers.filter((answer) => answer === 'claimed').length;
        return got > 0;
      });
      assert.equal(got, 1);
    },
    'its holder extends a claim': async (seen) => {
      const [id, clock] = [anId(), anId()];
      await seen.claim(id, 'a', SHORT_MS);
      assert.equal(await seen.claim(id, 'a', LONG_MS), 'claimed');
      await seen.claim(clock, 'a', SHORT_MS);
      // When this later claim has ended, an unextended first claim has ended, too.
      await claimedInTime(seen, clock, 'b');
      assert.equal(await seen.claim(id, 'b', LONG_MS), 'busy');
    },
    'a handler that succeeds after its claim has ended counts, and its successor cannot undo it': async (seen) => {
      const id = anId();
      await seen.claim(id, 'slow', SHORT_MS);
      await claimedInTime(seen, id, 'b');
      await seen.done(id, 'slow');
      await seen.release(id, 'b');
      assert.equal(await seen.claim(id, 'c', LONG_MS), 'done');
    },
    'ids are compared whole: case, blanks, quotes and length count': async (seen) => {
      const id = anId();
      const others = [id.toUpperCase(), `${id} `, `${id}'"\\`, `${id}%`, `${id}ü`, id + 'x'.repeat(400)];
      for (const each of [id, ...others]) {
        assert.equal(await seen.claim(each, 'a', LONG_MS), 'claimed', JSON.stringify(each));
      }
    },
  });
}

function anId(): string {
  return `msg_${randomUUID()}`;
}

function names(count: number): string[] {
  return Array.from({ length: count }, () => randomUUID());
}

/** Waits until the present claim of `id` has ended, then claims it for `holder`. */
async function claimedInTime(seen: SeenEvents, id: string, holder: string): Promise<void> {
  await untilClaimEnds(async () => (await seen.claim(id, holder, LONG_MS)) === 'claimed');
}

/** Calls `ask` until it answers true. It pauses in between, for a store may end its claims by a timer of this process.
 *  It fails at a deadline, for a store may never end them. */
async function untilClaimEnds(ask: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + SHORT_MS + 10_000;
  while (!(await ask())) {
    assert.ok(performance.now() < until, 'the claim did not end');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
