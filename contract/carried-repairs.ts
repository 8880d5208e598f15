/** Reads the repairs that a run carries in its input. A raw start may have put anything there. Pure. */
import type { Repair } from './event-data.ts';

/** Most repairs that a run carries; its details are read by people. */
export const MAX_REPAIRS = 25;

/** The repairs, at most 25 of them. Undefined if there are none. */
export function carriedRepairs(value: unknown): readonly Repair[] | undefined {
  const entries: readonly unknown[] = Array.isArray(value) ? value.slice(0, MAX_REPAIRS) : [];
  const repairs = entries.filter((entry): entry is Repair => isRepair(entry));
  return repairs.length === 0 ? undefined : repairs.map(({ field, problem }) => ({ field, problem }));
}

function isRepair(entry: unknown): boolean {
  const { field, problem } = (entry ?? {}) as Partial<Repair>;
  return typeof field === 'string' && typeof problem === 'string';
}
