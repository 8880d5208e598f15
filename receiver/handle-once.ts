/**
 * Runs a handler at most once per id: claim, handle, mark as done or give the claim up, all within one deadline. `receive`
 * calls it with verified requests only, so nobody but the sender can fill a store. Must not know HTTP.
 */
import { inTime } from '../contract/in-time.ts';
import type { ClaimAnswer, SeenEvents } from './seen-events.ts';

/** What handling came to. `handled` with an `error`: the handler succeeded, but the store did not take the mark. */
export type Handling =
  | { readonly code: 'handled'; readonly error?: unknown }
  | { readonly code: 'duplicate' | 'in_progress' | 'handler_timeout' }
  | { readonly code: 'handler_failed' | 'store_unavailable'; readonly error: unknown };

/** Where claims are kept, and for how long each step may take. */
export type HandleOnceSettings = {
  readonly seen: SeenEvents;
  readonly claimMs: number;
  readonly timeoutMs: number;
};

/** Claims `id` and runs `handle`. Resolves at the deadline at the latest; never rejects.
 *
 *  A handler cannot be stopped from outside: at the deadline its signal is aborted and its claim stays, extended as long
 *  as it runs, so that no second one runs beside it. What it comes to is then told to `onLate`. */
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
    if (claim !== 'claimed') return { code: 'in_progress' };
    if (deadline.signal.aborted) {
      // The claim came after the answer: given back, or the next attempt would find it busy.
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
      // Not a failure: that would have the sender deliver again what is handled.
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

/** The claim ends by itself where the store is down just now. */
async function release(seen: SeenEvents, id: string, holder: string): Promise<void> {
  await ignoreFailure(() => seen.release(id, holder));
}

/** Keeps the claim from ending while the handler runs. The function stops it, and waits for an extension under way: that
 *  one must not land after the claim was given up, for it would claim anew. */
function extendClaim(seen: SeenEvents, id: string, holder: string, claimMs: number): () => Promise<void> {
  let extending = Promise.resolve();
  const timer = setInterval(() => {
    extending = extending.then(() => ignoreFailure(() => seen.claim(id, holder, claimMs)));
  }, claimMs / 3);
  // A handler that never returns must not keep a process alive that has nothing else to do. Not on every runtime.
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
    // Nobody to tell: the next call to the store says the same.
  }
}
