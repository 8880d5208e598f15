/** The rounds: who takes which turn, and what comes out. */
import { percentileOf } from '../median.ts';
import { TUNED, type Contestant } from './contestants.ts';
import type { Servers } from './servers.ts';
import { burst, historyOf, stream, waitingMb, type Burst, type Player } from './turns.ts';

export type Sizes = {
  /** Calls of a burst. */
  readonly calls: number;
  /** Even: half of them by another process. */
  readonly rounds: number;
  /** Settle time in the bursts, ms. Long enough to start all of them. */
  readonly settleMs: number;
  /** Of each stream. 0: nothing but the bursts is measured. */
  readonly seconds: number;
  /** Calls that wait while memory is read. */
  readonly waiting: number;
};

/** What was measured of one contestant. */
export type Findings = {
  readonly contestant: Contestant;
  /** One for each round. */
  readonly bursts: Burst[];
  /** How late each call of all streams was, ms. */
  readonly late: number[];
  /** The same beside receivers that hang. */
  readonly lateBesideHung: number[];
  mbPerThousand?: number;
  historyBytes?: number | undefined;
  /** How much the database grew by, bytes for each call, in each round. */
  readonly grown: number[];
};

/** ms. */
type Lateness = { readonly p50: number; readonly p99: number };

/** Opens a contestant's worker and engine; `close` ends both. */
type OpenPlayer = Player & { readonly close: () => Promise<void> };

/** Settle time in the streams, ms. */
const STREAM_SETTLE_MS = 1_000;
/** V8 compiles what is called often. A worker that carries load has done so: the first 200 calls of a process take a
 *  quarter more than the fourth 200. */
const WARM_UP = { calls: 500, settleMs: 5_000 };
/** Each contestant has so many processes, one after the other: two of the same program differ by some hundredths for as
 *  long as they live. */
const PROCESSES = 2;

/** Plays all rounds. `perSecond`: calls a second of the streams. */
export async function measure(
  all: readonly Contestant[],
  servers: Servers,
  sizes: Sizes,
  say: (line: string) => void,
): Promise<{ readonly findings: readonly Findings[]; readonly perSecond: number }> {
  const findings = all.map((contestant): Findings => ({
    contestant,
    bursts: [],
    late: [],
    lateBesideHung: [],
    grown: [],
  }));
  let perSecond = Number.NaN;
  for (let generation = 1; generation <= PROCESSES; generation += 1) {
    const pairs: Pair[] = [];
    try {
      for (const found of findings) pairs.push({ found, player: await open(found.contestant, `${generation}`) });
      for (const { found, player } of pairs) {
        await burst(player, servers, WARM_UP);
        say(`${found.contestant.name} is warm`);
      }
      if (generation === 1) perSecond = await loadOf(pairs, servers, sizes);
      const first = ((generation - 1) * sizes.rounds) / PROCESSES;
      for (let round = first + 1; round <= first + sizes.rounds / PROCESSES; round += 1) {
        for (const pair of inTurn(round, pairs)) await oneTurn(round, pair, servers, { ...sizes, perSecond }, say);
      }
      if (generation === PROCESSES && sizes.seconds > 0) await besideHung(pairs, servers, { ...sizes, perSecond }, say);
    } finally {
      for (const { player } of pairs) await player.close();
    }
  }
  if (sizes.seconds > 0) await memory(findings, servers, sizes, say);
  return { findings, perSecond };
}

type Pair = { readonly found: Findings; readonly player: OpenPlayer };
type Load = Sizes & { readonly perSecond: number };
type Say = (line: string) => void;

async function oneTurn(round: number, { found, player }: Pair, servers: Servers, load: Load, say: Say): Promise<void> {
  const { name, posts } = found.contestant;
  say(`round ${round}, ${name}: ${inWords(await oneBurst(found, player, servers, load))}`);
  if (!posts || load.seconds === 0) return;
  const late = await stream(player, servers, { ...load, settleMs: STREAM_SETTLE_MS });
  found.late.push(...late);
  say(`round ${round}, ${name}: ${JSON.stringify(percentiles(late))} ms late`);
}

/** The last that a process does: it would go on with the ladder of those that hang. */
async function besideHung(pairs: readonly Pair[], servers: Servers, load: Load, say: Say): Promise<void> {
  for (const { found, player } of pairs) found.historyBytes = await historyOf(player, servers);
  for (const { found, player } of pairs.filter(({ found }) => found.contestant.posts)) {
    found.lateBesideHung.push(...(await stream(player, servers, { ...load, settleMs: STREAM_SETTLE_MS, hung: true })));
    say(`${found.contestant.name}: ${JSON.stringify(percentiles(found.lateBesideHung))} ms late beside hung receivers`);
    await player.close();
  }
}

async function memory(findings: readonly Findings[], servers: Servers, sizes: Sizes, say: Say): Promise<void> {
  for (const found of findings.filter(({ contestant }) => contestant.posts)) {
    const player = await open(found.contestant, 'memory');
    try {
      found.mbPerThousand = await waitingMb(player, servers, sizes.waiting);
      say(`${found.contestant.name}: ${found.mbPerThousand.toFixed(0)} MB for 1,000 that wait`);
    } finally {
      await player.close();
    }
  }
}

async function oneBurst(found: Findings, player: Player, servers: Servers, sizes: Sizes): Promise<Burst> {
  const { state } = found.contestant;
  const before = await servers.bytes(state);
  const one = await burst(player, servers, sizes);
  const after = await servers.bytes(state);
  found.bursts.push(one);
  if (before !== undefined && after !== undefined) found.grown.push((after - before) / sizes.calls);
  return one;
}

function inWords({ callsPerSecond, cpu: { all, worker, server, engine } }: Burst): string {
  const parts = `${worker.toFixed(1)} worker, ${server.toFixed(1)} server, ${engine.toFixed(1)} engine`;
  return `${callsPerSecond.toFixed(1)} calls/s, ${all.toFixed(1)} ms CPU a call (${parts})`;
}

/** Each round begins with another one, and every second one goes backwards. Otherwise each would always follow the same
 *  one, and pay for what the server still does for that. */
function inTurn(round: number, pairs: readonly Pair[]): readonly Pair[] {
  const first = Math.floor((round - 1) / 2) % pairs.length;
  const rotated = [...pairs.slice(first), ...pairs.slice(0, first)];
  return round % 2 === 1 ? rotated : rotated.toReversed();
}

/** Calls a second: a quarter of what the hand-tuned workflow can do, or the first of those that take part. */
async function loadOf(pairs: readonly Pair[], servers: Servers, sizes: Sizes): Promise<number> {
  const reference = pairs.find(({ found }) => found.contestant.name === TUNED) ?? pairs[0];
  if (reference === undefined) throw new Error('--only leaves no contestant');
  return (await burst(reference.player, servers, sizes)).callsPerSecond / 4;
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

export function percentiles(values: readonly number[]): Lateness {
  return { p50: percentileOf(values, 0.5), p99: percentileOf(values, 0.99) };
}
