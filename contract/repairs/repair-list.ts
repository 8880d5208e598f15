/** What was changed about a reported call or campaign event, and what looks odd. Every repair file adds to it; the
 *  client tells it. The list is bounded, because it is part of the run's input. Pure. */
import type { Repair } from '../event-data.ts';
import { FirstFew } from './first-few.ts';

/** - `repaired`: the value was changed, so that it can be sent
 *  - `odd_value`: it is sent as it is, but is probably a mistake
 *  - `unknown_field`: a field that does not exist, with almost the name of a field that is missing */
export type NoticeCode = 'repaired' | 'odd_value' | 'unknown_field';

/** One notice about one field. It never holds the value, which may be personal data. */
export type Notice = Repair & { readonly code: NoticeCode };

/** Most notices that are kept. Further ones are counted. */
const MAX_NOTICES = 24;

export class RepairList {
  readonly #notices = new FirstFew<Notice>(MAX_NOTICES, (count) => {
    return { code: 'repaired', field: 'more', problem: `${count} more repairs` };
  });

  repaired(field: string, problem: string): void {
    this.#notices.add({ code: 'repaired', field, problem });
  }

  odd(field: string, problem: string): void {
    this.#notices.add({ code: 'odd_value', field, problem });
  }

  unknownField(field: string, problem: string): void {
    this.#notices.add({ code: 'unknown_field', field, problem });
  }

  /** Whether something was told about this field. */
  hasTold(field: string): boolean {
    return this.#notices.kept.some((notice) => notice.field === field);
  }

  get notices(): readonly Notice[] {
    return this.#notices.all;
  }
}
