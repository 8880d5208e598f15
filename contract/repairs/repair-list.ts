/** What was changed about a reported call or campaign event, and what looks odd. Every repair file adds to it; the
 *  client tells it. The list is bounded, because it is part of the run's input. Pure. */
import type { Repair } from '../event-data.ts';

/** - `repaired`: the value was changed, so that it can be sent
 *  - `odd_value`: it is sent as it is, but is probably a mistake
 *  - `unknown_field`: a field that does not exist, with almost the name of a field that is missing */
export type NoticeCode = 'repaired' | 'odd_value' | 'unknown_field';

/** One notice about one field. It never holds the value, which may be personal data. */
export type Notice = Repair & { readonly code: NoticeCode };

/** Most notices that are kept. Further ones are counted. */
const MAX_NOTICES = 24;

export class RepairList {
  readonly #notices: Notice[] = [];
  #more = 0;

  repaired(field: string, problem: string): void {
    this.#add({ code: 'repaired', field, problem });
  }

  odd(field: string, problem: string): void {
    this.#add({ code: 'odd_value', field, problem });
  }

  unknownField(field: string, problem: string): void {
    this.#add({ code: 'unknown_field', field, problem });
  }

  /** Whether something was told about this field. */
  hasTold(field: string): boolean {
    return this.#notices.some((notice) => notice.field === field);
  }

  get notices(): readonly Notice[] {
    if (this.#more === 0) return this.#notices;
    return [...this.#notices, { code: 'repaired', field: 'more', problem: `${this.#more} more repairs` }];
  }

  #add(notice: Notice): void {
    if (this.#notices.length < MAX_NOTICES) this.#notices.push(notice);
    else this.#more += 1;
  }
}
