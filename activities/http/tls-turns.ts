/**
 * Turns of the event loop for TLS. A receiver decides how long one step of a handshake computes, and timers cannot fire
 * meanwhile. So the steps of all connections queue here, and between two turns the rest of the process gets its own.
 * Hosts share the time: the one that has used the least goes next, so a costly one delays itself and not its
 * neighbours.
 */

/** Puts a step of a host's connection into the queue. The steps of one host run in their order, each whole. */
export type Turns = (host: string, step: () => void) => void;

/** A queue of steps. A turn starts no further step after `turnMs` milliseconds by `clock`. */
export function createTurns(turnMs: number, clock: () => number = () => performance.now()): Turns {
  /** Hosts with steps in the queue. */
  const lines = new Map<string, { readonly steps: (() => void)[]; usedMs: number }>();
  /** What the host that went last had used: a host that comes new starts there, neither behind the others nor
   *  before. */
  let usedBefore = 0;
  let isScheduled = false;

  const runNext = (): void => {
    let next: [string, { readonly steps: (() => void)[]; usedMs: number }] | undefined;
    for (const entry of lines) if (next === undefined || entry[1].usedMs < next[1].usedMs) next = entry;
    if (next === undefined) return;
    const [host, line] = next;
    usedBefore = line.usedMs;
    const startedAt = clock();
    line.steps.shift()?.();
    line.usedMs += clock() - startedAt;
    if (line.steps.length === 0) lines.delete(host);
  };

  const run = (): void => {
    const endsAt = clock() + turnMs;
    do runNext();
    while (lines.size > 0 && clock() < endsAt);
    isScheduled = lines.size > 0;
    if (isScheduled) setImmediate(run);
  };

  return (host, step) => {
    const line = lines.get(host) ?? { steps: [], usedMs: usedBefore };
    line.steps.push(step);
    lines.set(host, line);
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(run);
  };
}

/** 5 ms: a good handshake is a step of 1 to 3 ms, so a burst of good ones still gets several a turn. */
const TURN_MS = 5;

/** The turns of this process. There is one event loop, so there is one queue. */
export const tlsTurns: Turns = createTurns(TURN_MS);
