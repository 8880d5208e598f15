/**
 * Time limits by order, for tests in which the clock cannot stand still because a real server or socket takes part.
 */

/**
 * Whether `running`, whose own time limit is `ms`, went on past it. A timer of the same length starts one turn of the
 * event loop later. So it fires after the work's own, however busy the machine is. From then on the work has 1000
 * turns to end.
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
