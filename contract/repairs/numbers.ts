/** Reads durations and counts of reported data. Pure. */
import { kindOf } from '../canonical-json.ts';
import type { RepairList } from './repair-list.ts';

/** Length of a call in minutes, with at most 4 decimals. Missing: computed from the call's start and end, else 0.
 *  What is no duration is null, and it is told. 10:30:05 to 10:32:35 is 2.5. Source: the vendor's page. */
export function minutesOf(value: unknown, start: string | null, end: string | null, list: RepairList): number | null {
  const span = start === null || end === null ? undefined : (Date.parse(end) - Date.parse(start)) / 1_000;
  if (value === undefined || value === null || value === '') return rounded(Math.max(0, span ?? 0) / 60);
  const minutes = numberIn(value);
  if (minutes === undefined || !(minutes >= 0) || minutes > Number.MAX_SAFE_INTEGER) {
    list.repaired('duration', `${kindOf(value)}: null is sent; send minutes, a number from 0 up`);
    return null;
  }
  if (typeof value !== 'number') list.repaired('duration', `${kindOf(value)}: read as a number of minutes`);
  if (Object.is(minutes, -0)) list.repaired('duration', 'negative zero: 0 is sent');
  if (span !== undefined && span >= 0 && areUnlike(minutes * 60, span)) {
    const problem = 'is not the time from started_at to end_at: are these seconds? It is sent as minutes';
    list.odd('duration', problem);
  }
  return rounded(minutes);
}

/** A count from 0 up. What is none is null, and it is told; missing is null. */
export function countOf(value: unknown, field: string, list: RepairList): number | null {
  if (value === undefined || value === null || value === '') return null;
  const count = numberIn(value);
  if (count === undefined || !Number.isSafeInteger(count) || count < 0) {
    list.repaired(field, `${kindOf(value)}: null is sent; send a count from 0 up`);
    return null;
  }
  if (typeof value !== 'number') list.repaired(field, `${kindOf(value)}: read as a count`);
  if (Object.is(count, -0)) list.repaired(field, 'negative zero: 0 is sent');
  // Negative zero has no JSON.
  return count + 0;
}

/** The number in a value: itself, a BigInt, or a decimal text such as `2.50` or `2,5`. */
function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.length > 40) return undefined;
  return /^[+-]?\d+([.,]\d+)?$/.test(value.trim()) ? Number(value.trim().replace(',', '.')) : undefined;
}

/** Whether one is more than twice the other. Both ends of the span were cut to whole seconds, so it may be off by
 *  one. */
function areUnlike(seconds: number, span: number): boolean {
  return seconds > 0 && (seconds > 2 * (span + 1) || seconds * 2 < span - 1);
}

/** Adding 0 turns negative zero into 0. */
function rounded(minutes: number): number {
  return Number.isInteger(minutes) ? minutes + 0 : Math.round(minutes * 1e4) / 1e4;
}
