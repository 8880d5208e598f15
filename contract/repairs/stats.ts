/** Reads the counters of a campaign. Pure. */
import { cleanText, kindOf } from '../canonical-json.ts';
import { countOf } from './numbers.ts';
import { isRecord, keysOf, readField } from './read-fields.ts';
import type { RepairList } from './repair-list.ts';

/** Most counters that are sent, and the longest name of one in characters. */
const MAX_COUNTERS = 100;
export const MAX_COUNTER_NAME = 100;

const SAME_NAME = 'a counter was left out: another one has the same name once it is cut and cleaned';

/** Number of leads by outcome. What is no counter is left out, and it is told. */
export function statsOf(value: unknown, list: RepairList): Record<string, number> {
  if (!isRecord(value)) {
    list.repaired('stats', `${kindOf(value)}: {} is sent; send an object of counts`);
    return {};
  }
  const stats: Record<string, number> = {};
  const names = keysOf(value);
  if (names.length > MAX_COUNTERS) {
    list.repaired('stats', `${names.length} counters: only the first ${MAX_COUNTERS} are sent`);
  }
  for (const name of names.slice(0, MAX_COUNTERS)) {
    const clean = cleanText(name.slice(0, MAX_COUNTER_NAME));
    const count = countOf(readField(value, name), 'stats', list);
    if (clean !== name) list.repaired('stats', 'the name of a counter was cut or cleaned');
    if (count === null || clean === '__proto__') list.repaired('stats', 'a counter without a count was left out');
    else if (Object.hasOwn(stats, clean)) list.repaired('stats', SAME_NAME);
    else stats[clean] = count;
  }
  return stats;
}

/** Receivers are told that the counters add up to `total_leads`. */
export function tellSum(stats: Readonly<Record<string, number>>, total: number | null, list: RepairList): void {
  const sum = Object.values(stats).reduce((before, count) => before + count, 0);
  if (total === null || sum === total) return;
  list.odd('stats', 'counters should add up to total_leads; these do not, and are sent as they are');
}
