import { expect } from '@jest/globals';
import type { ConformanceCase } from '../../adapters/conformance/index.ts';

/** Names of the cases that fail. Each must fail by an assertion of the suite, not by an error of its own. */
export async function faultsOf(cases: readonly ConformanceCase[]): Promise<string[]> {
  const ends = await Promise.allSettled(cases.map(({ run }) => run()));
  for (const end of ends) {
    if (end.status === 'rejected') expect(end.reason).toHaveProperty('code', 'ERR_ASSERTION');
  }
  return cases.filter((_, index) => ends[index]?.status === 'rejected').map(({ name }) => name);
}
