/** The rounds: who takes which turn, and what comes out. */
import { medianOf } from '../median.ts';
import { burst, historyOf, stream, waitingMb, type Burst, type Player } from './turns.ts';
import type { Contestant } from './contestants.ts';
import type { Servers } from './servers.ts';
import { TUNED } from './contestants.ts';

export type Sizes = {
  /** Calls of a burst. */
  readonly calls: number;
  readonly rounds: number;
  /** Settle time in the bursts, ms. Long enough to start all of them. */
  readonly settleMs: number;
  /** Of each stream. */
  readonly seconds: number;
  /** 0: nothing but the bursts is measured. */
  readonly streams: number;
  /** Calls that wait while memory is read. */
  readonly waiting: number;
};

/** What was measured of one contestant. A list has one entry for each round. */
export type Findings = {
  readonly contestant: Contestant;
  readonly bursts: Burst[];
  readonly streams: Lateness[];
  hung?: Lateness;
  mbPerThousand?: number;
  historyBytes?: number | undefined;
  stateBytes?: number;
};

/** ms. */
export type Lateness = { readonly p50: number; readonly p99: number };

/** Opens a contestant's worker and engine; `close` ends both. */
export type OpenPlayer = Player & { readonly close: () => Promise<void> };

/** Settle time in the streams, ms. */
const STREAM_SETTLE_MS = 1_000;
const WARM_UP = { calls: 40, settleMs: 2_000 };

export async function measure(
  all: readonly Contestant[],
  servers: Servers,
  sizes: Sizes,
  say: (line: string) => void,
): Promise<{ readonly findings: readonly Findings[]; readonly perSecond: number }> {
  const findings = all.map((contestant): Findings => ({ contestant, bursts: [], streams: [] }));
  const players: OpenPlayer[] = [];
  try {
    for (const { contestant } of findings) players.push(await open(contestant, 'bursts'));
    const pairs = findings.flatMap((found, index) => {
      const player = players[index];
      return player === undefined ? [] : [{ found, player }];
    });
    for (const { player } of pairs) await burst(player, servers, WARM_UP);
    await bursts(pairs, servers, sizes, say);
    const perSecond = loadOf(findings);
    if (sizes.streams === 0) return { findings, perSecond };
    for (let round = 1; round <= sizes.streams; round += 1) {
      for (const { found, player } of pairs.filter(({ found }) => found.contestant.posts)) {
        const late = await stream(player, servers, { perSecond, ...sizes, settleMs: STREAM_SETTLE_MS });
        found.streams.push(percentiles(late));
        say(`${found.contestant.name}: ${JSON.stringify(found.streams.at(-1))} ms late`);
      }
    }
    for (const { found, player } of pairs) found.historyBytes = await historyOf(player, servers);
    for (const { found, player } of pairs.filter(({ found }) => found.contestant.posts)) {
      const late = await stream(player, servers, { perSecond, ...sizes, settleMs: STREAM_SETTLE_MS, hung: true });
      found.hung = percentiles(late);
      say(`${found.contestant.name}: ${JSON.stringify(found.hung)} ms late beside receivers that hang`);
      // It would go on with the ladder of those.
      await player.close();
    }
    for (const found of findings.filter(({ contestant }) => contestant.posts)) {
      const player = await open(found.contestant, 'memory');
      found.mbPerThousand = await waitingMb(player, servers, sizes.waiting);
      say(`${found.contestant.name}: ${found.mbPerThousand.toFixed(0)} MB for 1,000 that wait`);
      await player.close();
    }
    return { findings, perSecond };
  } finally {
    for (const player of players) await player.close();
  }
}

type Pair = { readonly found: Findings; readonly player: OpenPlayer };

async function bursts(pairs: readonly Pair[], servers: Servers, sizes: Sizes, say: (line: string) => void) {
  const grown = new Map<Findings, number[]>();
  for (let round = 1; round <= sizes.rounds; round += 1) {
    for (const { found, player } of pairs) {
      const { name, state } = found.contestant;
      const before = await servers.bytes(state);
      const one = await burst(player, servers, sizes);
      const after = await servers.bytes(state);
      found.bursts.push(one);
      if (before !== undefined && after !== undefined) {
        const each = (after - before) / sizes.calls;
        grown.set(found, [...(grown.get(found) ?? []), each]);
      }
      const { all, worker, server, engine } = one.cpu;
      const parts = `${worker.toFixed(1)} worker, ${server.toFixed(1)} server, ${engine.toFixed(1)} engine`;
      say(
        `round ${round}, ${name}: ${one.callsPerSecond.toFixed(1)} calls/s, ${all.toFixed(1)} ms CPU a call (${parts})`,
      );
    }
  }
  for (const [found, each] of grown) found.stateBytes = each.reduce((sum, one) => sum + one, 0) / each.length;
}

/** A quarter of what the hand-tuned workflow can do, or the slowest of those that take part. */
function loadOf(findings: readonly Findings[]): number {
  const reference = findings.find(({ contestant }) => contestant.name === TUNED) ?? findings[0];
  return medianOf(reference?.bursts.map(({ callsPerSecond }) => callsPerSecond) ?? []) / 4;
}

async function open(contestant: Contestant, what: string): Promise<OpenPlayer> {
  const queue = `field-${what}-${contestant.name.replaceAll(/\W+/g, '-')}`;
  const worker = await contestant.startWorker(queue);
  const engine = await contestant.engine(queue);
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await engine.close();
    await worker.end();
  };
  return { contestant, worker, engine, close };
}

function percentiles(values: readonly number[]): Lateness {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
