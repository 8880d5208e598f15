/** One line of progress for work on many items: bar, count, share, time left. Pure. */

const WIDTH = 24;

/** `[########----------------] 120/360  33 %  about 40 s left`. The time left appears after the first item. */
export function progressLine(done: number, all: number, elapsedMs: number): string {
  const share = all === 0 ? 1 : done / all;
  const filled = Math.round(share * WIDTH);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}]`;
  const leftMs = done === 0 ? undefined : (elapsedMs / done) * (all - done);
  const left = leftMs === undefined || done === all ? '' : `  about ${inWords(leftMs)} left`;
  return `${bar} ${done}/${all}  ${Math.floor(share * 100)} %${left}`;
}

function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
