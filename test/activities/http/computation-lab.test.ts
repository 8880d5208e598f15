/**
 * The lab of computation attacks: what receivers and name servers can make the sender compute. It is measured in
 * processor time of the sending process, beside a hundred good receivers of the same run. Times of the clock are in
 * `npm run bench:attacks`.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { COMPUTATION_ATTACKS, COSTLIEST_CHAIN, playComputationLab } from '../../support/computation-lab.ts';
import type { AttackSeen } from '../../support/computation-lab.ts';

let played: ReadonlyMap<string, AttackSeen>;
beforeAll(async () => {
  const seen = await playComputationLab([...COMPUTATION_ATTACKS, COSTLIEST_CHAIN]);
  played = new Map(seen.map((attack) => [attack.name, attack]));
});

function seenOf(name: string): AttackSeen {
  const seen = played.get(name);
  if (seen === undefined) throw new Error(`the lab has no attack ${name}`);
  return seen;
}

describe.each([...COMPUTATION_ATTACKS, COSTLIEST_CHAIN])('a hundred attempts at $name', ({ name, codes }) => {
  test('have a code that tells it, and twenty neighbours are all delivered to', () => {
    const seen = seenOf(name);
    expect(seen.codes.filter((code) => ![...codes, 'timeout_connect', 'timeout_tls_queue'].includes(code))).toEqual([]);
    expect(seen.neighbourCodes).toEqual(['http_200']);
  });

  test('hold the event loop at most five times as long as a hundred good receivers', () => {
    expect(seenOf(name).stallCpuRatio).toBeLessThan(5);
  });
});

test.each(COMPUTATION_ATTACKS)('a hundred attempts at $name cost about as much as at good receivers', ({ name }) => {
  // At most 0.9, and 2.3 for the addresses. Without the bounds 5 and more, or no answer at all.
  expect(seenOf(name).cpuRatio).toBeLessThan(5);
});
