/** Fields that every call or campaign should have, and what is said where one is missing. Pure. */
import type { Repair } from '../event-data.ts';
import type { RawFields } from './read-fields.ts';
import type { RepairList } from './repair-list.ts';

/** Reads a field that receivers expect to be filled. Null is sent for a missing one, and it is told. */
export function promised<Name extends string, T>(
  raw: RawFields<Name>,
  field: Name,
  list: RepairList,
  read: (value: unknown, field: string, list: RepairList) => T | null,
): T | null {
  if (raw[field] === undefined) list.repaired(field, 'missing: null is sent');
  return read(raw[field], field, list);
}

/** Why a report cannot be sent, with the field that was probably meant. */
export function refusal(field: string, problem: string, list: RepairList): Repair {
  const near = list.notices.find(
    ({ code, problem: told }) => code === 'unknown_field' && told.includes(` ${field} is`),
  );
  return { field, problem: near === undefined ? problem : `${problem}. ${near.field} ${near.problem}` };
}
