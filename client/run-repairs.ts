/** The repairs that a new run carries in its input. Its details show them to people. Pure. */
import { carriedRepairs, MAX_REPAIRS } from '../contract/carried-repairs.ts';
import type { Repair } from '../contract/event-data.ts';

/** The repairs of a report and of its settings, at most 25. The last one counts those that have no room. Undefined if
 *  there are none. */
export function runRepairs(all: readonly Repair[]): readonly Repair[] | undefined {
  if (all.length <= MAX_REPAIRS) return carriedRepairs(all);
  const kept = all.slice(0, MAX_REPAIRS - 1);
  // An entry that has no room may itself stand for several.
  const problem = `at least ${all.length - kept.length} more repairs; onWarning tells them`;
  return carriedRepairs([...kept, { field: 'more', problem }]);
}
