/**
 * Text that databases refuse: U+0000 and lone surrogates. A signal or a raw start can carry it into a record, and
 * PostgreSQL would refuse that record for ever. Activities, adapters and client use it; workflows do not load it.
 * Pure.
 */
import type { DeliveryRecord } from './schemas/delivery-record.ts';

const REFUSED_TEXT = /\0|\p{Cs}/gu;

/** `text` with U+FFFD for each U+0000 and each lone surrogate. */
export function cleanText(text: string): string {
  return text.replace(REFUSED_TEXT, '\uFFFD');
}

/** The record with clean text in every field. `repaired` then names the fields that were changed. Returns `record`
 *  itself if nothing was to do. */
export function cleanRecord(record: DeliveryRecord): DeliveryRecord {
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    const clean = cleaned(value);
    if (clean !== value) changed[name] = clean;
  }
  const names = Object.keys(changed);
  return names.length === 0 ? record : { ...record, ...changed, repaired: repairedIn(record, names) };
}

/** The names of repaired fields: those of before, and `names`. */
export function repairedIn({ repaired }: DeliveryRecord, names: readonly string[]): string[] {
  const all = new Set<string>([...(Array.isArray(repaired) ? repaired : []), ...names]);
  return [...all].toSorted((one, other) => (one < other ? -1 : 1));
}

/** The same value if it is clean. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) {
    const items = value.map(cleaned);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [cleanText(name), cleaned(each)] as const);
  const isClean = entries.every(([name, each]) => name in value && Reflect.get(value, name) === each);
  return isClean ? value : Object.fromEntries(entries);
}
