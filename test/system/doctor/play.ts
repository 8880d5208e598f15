/**
 * Plays faults by seed on one installation. Each play has some healthy traffic, breaks something, asks the doctor,
 * makes it whole, and asks again. The doctor must name what is broken and nothing else, and be silent afterwards.
 */
import type { Random } from '../../support/random.ts';
import { FAULTS, PAIRS, traffic, type Broken, type Expected, type FaultName } from './faults.ts';
import type { Installation, Said } from './installation.ts';

export type Played = {
  readonly faults: readonly string[];
  /** What the doctor said that it should not have, or did not say; empty if all is well. */
  readonly wrong: readonly string[];
  readonly tookMs: number;
};

/** Faults that take a minute each. They are played once in a run, the others over and over. */
const SLOW: ReadonlySet<FaultName> = new Set(['all slots are taken']);

/** The faults of each play, in an order that the seed decides: each fault once, then by chance, with some pairs. */
export function planPlays(random: Random, plays: number): readonly (readonly FaultName[])[] {
  const names = Object.keys(FAULTS) as FaultName[];
  const quick = names.filter((name) => !SLOW.has(name));
  const once = names.map((name) => [name]).toSorted(() => random.next() - 0.5);
  const more = Array.from({ length: Math.max(0, plays - once.length) }, () =>
    random.chance(0.2) ? random.oneOf(PAIRS) : [random.oneOf(quick)],
  );
  return [...once, ...more].slice(0, plays);
}

/** Plays one. Rejects if the installation itself could not be broken or made whole. */
export async function playFaults(on: Installation, names: readonly FaultName[], random: Random): Promise<Played> {
  const startedMs = Date.now();
  await traffic(on, random);
  const broken: Broken[] = [];
  for (const name of names) broken.push(await FAULTS[name](on, random));
  const wrong = judge(await on.doctor(Object.assign({}, ...broken.map(({ env }) => env))), expectedOf(broken));
  for (const { heal } of broken.toReversed()) await heal();
  await on.heal();
  const afterwards = judge(await on.doctor(), []).map((words) => `afterwards: ${words}`);
  return { faults: names, wrong: [...wrong, ...afterwards], tookMs: Date.now() - startedMs };
}

function expectedOf(broken: readonly Broken[]): Expected {
  return broken.flatMap(({ expected }) => expected);
}

/** What differs between what was said and what should have been. */
export function judge({ codes, code, text }: Said, expected: Expected): readonly string[] {
  const missing = expected.filter((any) => !any.some((each) => codes.includes(each)));
  const surplus = codes.filter((each) => !expected.some((any) => any.includes(each)));
  const exit = codes.includes('server') ? 3 : codes.some((each) => !WARNINGS.has(each)) ? 1 : 0;
  return [
    ...missing.map((any) => `not named: ${any.join(' or ')}`),
    ...surplus.map((each) => `named in vain: ${each}: ${problemOf(text, each)}`),
    ...(code === exit ? [] : [`exit code ${code}, not ${exit}`]),
  ];
}

const WARNINGS: ReadonlySet<string> = new Set([
  'retention',
  'fairness',
  'clock',
  'runs_paused',
  'not_seen',
  'maintenance',
]);

function problemOf(text: string, code: string): string {
  const { findings } = JSON.parse(text) as {
    readonly findings: readonly { readonly code: string; readonly problem: string }[];
  };
  return findings.find((finding) => finding.code === code)?.problem ?? '';
}
