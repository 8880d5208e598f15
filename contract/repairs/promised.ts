/** Fields that every call or campaign should have, and what is said where one is missing. Pure. */
import { kindOf } from '../canonical-json.ts';
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

/** Why a report cannot be sent at all. `id`: of the call or campaign, if it could be read. */
export type Refused = { readonly refusals: readonly Repair[]; readonly id: string | undefined };

/** What came is no object, so there is nothing to read. */
export function notAnObject(input: unknown): Refused {
  return { id: undefined, refusals: [{ field: 'the input', problem: `${kindOf(input)}: must be an object` }] };
}

/** One reason why a report cannot be sent, with the field that was probably meant. */
export function refusal(field: string, problem: string, list: RepairList): Repair {
  const near = list.notices.find(
    ({ code, problem: told }) => code === 'unknown_field' && told.includes(` ${field} is`),
  );
  return { field, problem: near === undefined ? problem : `${problem}. ${near.field} ${near.problem}` };
}
