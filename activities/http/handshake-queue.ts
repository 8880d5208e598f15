/**
 * How many TLS handshakes are in progress, per host and in all. Receivers decide how long theirs take, so without a cap
 * one slow host, or many, would hold connections and memory without end. Those above the cap wait here, for each host
 * in the order in which they came. The hosts take turns, so a crowd at one host does not delay the others.
 */

/** Bounds of the queue. */
export type HandshakeCaps = { readonly perHost: number; readonly inAll: number };

/** Ends a place in progress. Calling it again changes nothing. */
export type Leave = () => void;

/** Handshakes in progress and those that wait. */
export type HandshakeQueue = {
  /** Resolves when a handshake with `host` may begin; call the result when it has ended. Rejects with the signal's
   *  reason if that aborts first. */
  enter(host: string, signal: AbortSignal): Promise<Leave>;
};

/** A queue without anybody in it. */
export function createHandshakeQueue(caps: HandshakeCaps): HandshakeQueue {
  /** Only hosts with something in progress or waiting. The order of the map is the order of their turns. */
  const hosts = new Map<string, { inProgress: number; readonly waiting: Set<() => void> }>();
  let inAll = 0;

  const begin = (host: string): Leave => {
    const state = stateOf(host);
    state.inProgress += 1;
    inAll += 1;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      state.inProgress -= 1;
      inAll -= 1;
      forgetIfIdle(host);
      admitNext();
    };
  };

  const stateOf = (host: string) => {
    const known = hosts.get(host);
    if (known !== undefined) return known;
    const state = { inProgress: 0, waiting: new Set<() => void>() };
    hosts.set(host, state);
    return state;
  };

  const forgetIfIdle = (host: string): void => {
    const state = hosts.get(host);
    if (state?.inProgress === 0 && state.waiting.size === 0) hosts.delete(host);
  };

  const admitNext = (): void => {
    if (inAll >= caps.inAll) return;
    for (const [host, state] of hosts) {
      const [admit] = state.waiting;
      if (admit === undefined || state.inProgress >= caps.perHost) continue;
      // To the end of the map: it is the other hosts' turn.
      hosts.delete(host);
      hosts.set(host, state);
      return admit();
    }
  };

  return {
    async enter(host, signal) {
      signal.throwIfAborted();
      const { inProgress, waiting } = stateOf(host);
      if (inAll < caps.inAll && inProgress < caps.perHost && waiting.size === 0) return begin(host);
      return new Promise((resolve, reject) => {
        const admit = (): void => {
          waiting.delete(admit);
          signal.removeEventListener('abort', giveUp);
          resolve(begin(host));
        };
        const giveUp = (): void => {
          waiting.delete(admit);
          forgetIfIdle(host);
          reject(signal.reason as Error);
        };
        waiting.add(admit);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
