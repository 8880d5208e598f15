/** Which fault comes when: drawn from the seed alone, before anything runs. Pure. */
import { randomOf } from '../../support/random.ts';

/** How often each fault comes, relative to the others. */
const WEIGHTS = {
  'kill-worker': 6,
  'kill-workers': 2,
  'kill-taker': 3,
  'stop-worker': 4,
  'term-worker': 4,
  'kill-server': 2,
  'stop-postgres': 3,
  'hold-postgres': 2,
  'deafen-postgres': 2,
  'cut-worker': 3,
  'hold-worker': 4,
  'deafen-worker': 3,
  'refuse-worker': 2,
  'cut-engine': 2,
  'hold-engine': 1,
  'deafen-engine': 3,
};

/** Name of a fault: what is done, and to what. */
export type Fault = keyof typeof WEIGHTS;

export type PlannedFault = {
  readonly afterMs: number;
  readonly fault: Fault;
  /** Of a fault that is done to one worker: which, from 1. */
  readonly worker: number | undefined;
  readonly lastsMs: number;
};

/** How long each lasts, ms. Two short standstills of a worker together leave an attempt the 15 s it may take. */
const LASTS: Readonly<Record<Fault, readonly [number, number]>> = {
  'kill-worker': [200, 5_000],
  'kill-workers': [200, 4_000],
  'kill-taker': [200, 2_000],
  'stop-worker': [1_000, 6_000],
  'term-worker': [200, 2_000],
  'kill-server': [100, 6_000],
  'stop-postgres': [2_000, 15_000],
  'hold-postgres': [1_000, 12_000],
  'deafen-postgres': [500, 5_000],
  'cut-worker': [0, 0],
  'hold-worker': [1_000, 8_000],
  'deafen-worker': [300, 4_000],
  'refuse-worker': [500, 6_000],
  'cut-engine': [0, 0],
  'hold-engine': [1_000, 8_000],
  'deafen-engine': [300, 4_000],
};
/** Beyond the 30 s after which Temporal gives an attempt up. */
const LONG_MS = [33_000, 42_000] as const;

/** Faults in order, within `spanMs`. The same seed gives the same plan. */
export function planFaults(
  seed: number,
  { spanMs, workers }: { readonly spanMs: number; readonly workers: number },
): PlannedFault[] {
  const random = randomOf(seed);
  const plan: PlannedFault[] = [];
  for (let afterMs = 3_000; afterMs < spanMs; afterMs += random.between(1_500, 6_000)) {
    const fault = random.weighted(WEIGHTS);
    const isLong = canBeLong(fault, seed) && random.chance(0.25);
    const lastsMs = random.between(...(isLong ? LONG_MS : LASTS[fault]));
    const worker = fault.endsWith('-worker') ? random.between(1, workers) : undefined;
    plan.push({ afterMs, fault, worker, lastsMs });
  }
  return plan;
}

/** A worker that stands still so long may send late and beside its successor, which the checker has to excuse: around
 *  each, order is not checked. So only odd seeds have it, and even ones are checked in full. */
function canBeLong(fault: Fault, seed: number): boolean {
  return fault === 'kill-server' || (seed % 2 === 1 && (fault === 'stop-worker' || fault === 'hold-worker'));
}
