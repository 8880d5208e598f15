/** Time limits by order, where a clock cannot stand still: a real server or a real socket is at the other end. */

/**
 * Whether `running`, whose own time limit is `ms`, went on past it. A timer of the same length is started a turn of the
 * event loop later, so it fires after the work's own, however busy the machine is. From there the work has 1000 turns to end.
 */
export async function ranPast(ms: number, running: Promise<unknown>): Promise<boolean> {
  const watch: { hasPassed: boolean; timer?: NodeJS.Timeout } = { hasPassed: false };
  const start = setImmediate(() => {
    watch.timer = setTimeout(() => inTurns(1_000, () => (watch.hasPassed = true)), ms);
  });
  await running.catch(() => undefined);
  clearImmediate(start);
  clearTimeout(watch.timer);
  return watch.hasPassed;
}

function inTurns(left: number, then: () => void): void {
  if (left === 0) then();
  else setImmediate(inTurns, left - 1, then);
}
