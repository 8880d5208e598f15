/** What must hold: the median of the rounds' ratios, and for lateness the ratio of all calls. */
import { medianOf } from '../median.ts';
import { FEATURED, FEATURED_DELAYED, NAIVE, OURS, OURS_DELAYED, TUNED } from './contestants.ts';
import { percentiles, type Findings } from './measure.ts';
import type { Burst } from './turns.ts';

export type Verdict = {
  readonly what: string;
  readonly beside: string;
  readonly value: number;
  readonly bound: string;
  readonly holds: boolean;
};

/** The verdicts that the contestants who took part allow. */
export function verdictsOf(findings: readonly Findings[]): readonly Verdict[] {
  const of = (name: string): Findings | undefined => findings.find(({ contestant }) => contestant.name === name);
  const [naive, tuned, ours, delayed] = [of(NAIVE), of(TUNED), of(OURS), of(OURS_DELAYED)];
  const [featured, featuredDelayed] = [of(FEATURED), of(FEATURED_DELAYED)];
  const cpu = ({ cpu: { all } }: Burst): number => all;
  const worker = ({ cpu }: Burst): number => cpu.worker;
  return [
    ...least(
      'calls/s',
      ours,
      tuned,
      ratioOf(ours, tuned, ({ callsPerSecond }) => callsPerSecond),
      0.9,
    ),
    ...most('processor time', ours, tuned, ratioOf(ours, tuned, cpu), 1.1),
    ...most('processor time of the worker alone', ours, tuned, ratioOf(ours, tuned, worker), 1.1),
    ...most('processor time', ours, featured, ratioOf(ours, featured, cpu), 1.1),
    ...most('processor time', delayed, featuredDelayed, ratioOf(delayed, featuredDelayed, cpu), 1.1),
    ...most('processor time', ours, naive, ratioOf(ours, naive, cpu), 0.75),
    ...most('processor time', delayed, naive, ratioOf(delayed, naive, cpu), 0.6),
    ...most('processor time', featuredDelayed, naive, ratioOf(featuredDelayed, naive, cpu), 0.6),
    ...most('lateness p99 − p50', ours, tuned, spreadRatio(ours, tuned), 1),
  ];
}

/** Median over the rounds of one's value to the other's in the same round. */
export function ratioOf(
  one: Findings | undefined,
  other: Findings | undefined,
  value: (burst: Burst) => number,
): number | undefined {
  if (one === undefined || other === undefined || one.bursts.length === 0) return undefined;
  return medianOf(
    one.bursts.flatMap((burst, round) => {
      const beside = other.bursts[round];
      return beside === undefined ? [] : [value(burst) / value(beside)];
    }),
  );
}

function spreadRatio(one: Findings | undefined, other: Findings | undefined): number | undefined {
  if (one === undefined || other === undefined || one.late.length === 0) return undefined;
  const [mine, beside] = [percentiles(one.late), percentiles(other.late)];
  return (mine.p99 - mine.p50) / (beside.p99 - beside.p50);
}

type Judge = (
  what: string,
  one: Findings | undefined,
  other: Findings | undefined,
  value: number | undefined,
  bound: number,
) => readonly Verdict[];

const least: Judge = (what, one, other, value, bound) =>
  verdict(what, one, other, value, `at least ${bound}`, (rounded) => rounded >= bound);
const most: Judge = (what, one, other, value, bound) =>
  verdict(what, one, other, value, `at most ${bound}`, (rounded) => rounded <= bound);

function verdict(
  what: string,
  one: Findings | undefined,
  other: Findings | undefined,
  value: number | undefined,
  bound: string,
  holds: (rounded: number) => boolean,
): readonly Verdict[] {
  if (one === undefined || other === undefined || value === undefined) return [];
  const rounded = Math.round(value * 100) / 100;
  const { name } = one.contestant;
  return [{ what: `${what}, ${name}`, beside: other.contestant.name, value: rounded, bound, holds: holds(rounded) }];
}
