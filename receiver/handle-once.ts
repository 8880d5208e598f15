/**
 * Runs a handler at most once per id: claim the id, run the handler, then mark the id as done or release the claim.
 * One deadline covers all of it. `receive` calls it for verified requests only, so strangers cannot fill a store. It
 * must not know HTTP.
 */
import { inTime } from '../contract/in-time.ts';
import type { ClaimAnswer, SeenEvents } from './seen-events.ts';

/** The result of handling. `handled` with an `error`: the handler succeeded, but the store could not mark the id as
 *  done. */
export type Handling =
  | { readonly code: 'handled'; readonly error?: unknown }
  | { readonly code: 'duplicate' | 'in_progress' | 'handler_timeout' }
  | { readonly code: 'handler_failed' | 'store_unavailable'; readonly error: unknown };

/** Where claims are stored, how long a claim holds, and how long handling may take before the answer is due. */
export type HandleOnceSettings = {
  readonly seen: SeenEvents;
  readonly claimMs: number;
  readonly timeoutMs: number;
};

/** Claims `id` and runs `handle`. Resolves at the deadline at the latest; never rejects.
 *
 *  A handler cannot be stopped from outside. At the deadline its signal is aborted, but its claim is kept and extended
 *  while it runs, so that no second handler runs beside it. Its result then goes to `onLate`. */
export async function handleOnce(
  id: string,
  handle: (signal: AbortSignal) => unknown,
  { seen, claimMs, timeoutMs }: HandleOnceSettings,
  onLate: (handling: Handling) => void,
): Promise<Handling> {
  const holder = crypto.randomUUID();
  const deadline = new AbortController();
  let phase: 'claiming' | 'handling' | 'marking' = 'claiming';

  const run = async (): Promise<Handling> => {
    let claim: ClaimAnswer;
    try {
      claim = await seen.claim(id, holder, claimMs);
    } catch (error) {
      return { code: 'store_unavailable', error };
    }
    if (claim === 'done') return { code: 'duplicate' };
    if (claim === 'busy') return { code: 'in_progress' };
    if (claim !== 'claimed') {
      // A store of the host's own may answer `true` or 'OK'. It may hold the id now, so release it.
      await release(seen, id, holder);
      return { code: 'store_unavailable', error: oddClaim(claim) };
    }
    if (deadline.signal.aborted) {
      // The claim came after the answer was sent. Release it, or the next attempt would find the id busy.
      await release(seen, id, holder);
      return { code: 'store_unavailable', error: deadline.signal.reason };
    }

    phase = 'handling';
    const stopExtending = extendClaim(seen, id, holder, claimMs);
    try {
      await handle(deadline.signal);
    } catch (error) {
      await stopExtending();
      await release(seen, id, holder);
      return { code: 'handler_failed', error };
    }
    phase = 'marking';
    await stopExtending();
    try {
      await seen.done(id, holder);
      return { code: 'handled' };
    } catch (error) {
      // Not reported as a failure: the sender would deliver again what is already handled.
      return { code: 'handled', error };
    }
  };

  const running = run();
  const handling = await inTime<Handling | undefined>(running, timeoutMs, () => undefined);
  if (handling !== undefined) return handling;
  deadline.abort(new DOMException(`not done within ${timeoutMs} ms`, 'TimeoutError'));
  void running.then(onLate);
  if (phase === 'claiming') return { code: 'store_unavailable', error: deadline.signal.reason };
  return { code: phase === 'handling' ? 'handler_timeout' : 'handled' };
}

/** What is wrong with an answer of `claim`. Taken for `busy`, it would look as if another copy were being handled. */
function oddClaim(answer: unknown): TypeError {
  const came = answer === null ? 'null' : `a value of type ${typeof answer}`;
  return new TypeError(`claim of the store of seen events answered ${came}; it must be "claimed", "done" or "busy"`);
}

/** Releases a claim. If the store is down, the claim ends by itself later. */
async function release(seen: SeenEvents, id: string, holder: string): Promise<void> {
  await ignoreFailure(() => seen.release(id, holder));
}

/** Extends the claim while the handler runs. The returned function stops that and waits for an extension in progress.
 *  Such an extension must not arrive after the release, for it would claim the id again. */
function extendClaim(seen: SeenEvents, id: string, holder: string, claimMs: number): () => Promise<void> {
  let extending = Promise.resolve();
  const timer = setInterval(() => {
    extending = extending.then(() => ignoreFailure(() => seen.claim(id, holder, claimMs)));
  }, claimMs / 3);
  // A handler that never returns must not keep an otherwise idle process alive. Not every runtime has unref.
  (timer as { readonly unref?: () => void }).unref?.();
  return () => {
    clearInterval(timer);
    return extending;
  };
}

async function ignoreFailure(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch {
    // Ignored: the next call to the store reports the same problem.
  }
}
