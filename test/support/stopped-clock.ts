/**
 * A clock that stands still until a test moves it. Time limits are then tested to the millisecond, on any machine.
 */
import { expect, jest } from '@jest/globals';

/** Stops `setTimeout`, `Date` and `performance.now` at `now`. Sockets, promises and `setImmediate` go on.
 *  `jest.useRealTimers()` ends it. */
export function stopClock(now?: number | string): void {
  jest.useFakeTimers({
    ...(now === undefined ? {} : { now: new Date(now) }),
    doNotFake: [
      'hrtime',
      'nextTick',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
    ],
  });
}

/** Moves the stopped clock by `ms`. `running` must not end before the last millisecond, and must end with it. */
export async function endsAfter<T>(ms: number, running: Promise<T>): Promise<T> {
  const state = { hasEnded: false };
  const note = (): void => void (state.hasEnded = true);
  running.then(note, note);
  await jest.advanceTimersByTimeAsync(ms - 1);
  expect({ ...state, afterMs: ms - 1 }).toEqual({ hasEnded: false, afterMs: ms - 1 });
  await jest.advanceTimersByTimeAsync(1);
  // Turns of the event loop, in case more has to happen. Nothing may have to wait longer.
  for (let turn = 0; turn < 1_000 && !state.hasEnded; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect({ ...state, afterMs: ms }).toEqual({ hasEnded: true, afterMs: ms });
  return running;
}
