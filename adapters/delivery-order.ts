/** Order and precedence of delivery records, the same for all our logs. Pure. */
import type { DeliveryFilter, PruneOptions } from '../activities/ports/delivery-log.ts';
import { kindOf } from '../contract/canonical-json.ts';
import { FINAL_STATES } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { MOMENT_RULE, readMoment, storedTime } from '../contract/moment.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { oneLine } from '../contract/shown-text.ts';

/** The position of a record in a list. The latest end comes first; ids break ties. */
export type Place = Pick<DeliveryRecord, 'endedAt' | 'webhookId' | 'cycle' | 'runId'>;

/** A checked filter. Times are ISO 8601 UTC with milliseconds. */
export type CheckedFilter = Omit<DeliveryFilter, 'after' | 'limit' | 'state' | 'reason'> & {
  readonly states?: readonly DeliveryRecord['state'][];
  readonly reasons?: readonly string[];
  readonly limit: number;
  readonly after?: Place;
};

/** Filter fields whose value a record must equal. */
export const EQUAL_FIELDS = ['endpointId', 'callId', 'campaignId', 'accountId', 'event'] as const;
/** Filter fields that are times: of the end, and of the start. */
const TIMES = ['since', 'until', 'startedSince', 'startedUntil'] as const;
const FIELDS: readonly string[] = ['state', 'reason', ...EQUAL_FIELDS, ...TIMES, 'limit', 'after'];

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1_000;
const DEFAULT_BATCH = 1_000;

/** Whether `next` replaces `kept`, a record of the same cycle and run; the port says when. The same record again
 *  changes nothing. */
export function replaces(next: DeliveryRecord, kept: DeliveryRecord): boolean {
  if (next.state === 'terminated' && kept.state !== 'terminated') return false;
  const more = next.attempts.length - kept.attempts.length;
  return more > 0 || (more === 0 && next.endedAt > kept.endedAt);
}

/** Compares two records of one webhook for `show`: by cycle, and within a cycle by their end. */
export function compareFirstFirst(a: Place, b: Place): number {
  return a.cycle - b.cycle || compareLatestFirst(b, a);
}

/** Compares two positions in a list: negative if `a` comes first. */
export function compareLatestFirst(a: Place, b: Place): number {
  if (a.endedAt !== b.endedAt) return a.endedAt > b.endedAt ? -1 : 1;
  if (a.webhookId !== b.webhookId) return a.webhookId > b.webhookId ? -1 : 1;
  if (a.cycle !== b.cycle) return b.cycle - a.cycle;
  return a.runId === b.runId ? 0 : a.runId > b.runId ? -1 : 1;
}

/** The cursor for the page after this record. Opaque to callers. */
export function cursorBehind({ endedAt, webhookId, cycle, runId }: Place): string {
  return Buffer.from(JSON.stringify([endedAt, webhookId, cycle, runId])).toString('base64url');
}

/** Checks a filter and fills in its defaults. Throws RangeError. A field that is not known would be no filter at all,
 *  so a typing error would list everything. */
export function checkFilter(filter: DeliveryFilter): CheckedFilter {
  refuseUnknown('the filter', filter, FIELDS);
  for (const name of EQUAL_FIELDS) if (filter[name] !== undefined) checkText(name, filter[name]);
  const { state, reason, limit = DEFAULT_LIMIT, after } = filter;
  const reasons = reason === undefined ? undefined : [reason].flat();
  for (const each of reasons ?? []) checkText('reason', each);
  const times = TIMES.map((name) => [name, filter[name]] as const);
  return {
    ...Object.fromEntries(EQUAL_FIELDS.map((name) => [name, filter[name]])),
    ...Object.fromEntries(times.flatMap(([name, time]) => (time === undefined ? [] : [[name, checkTime(name, time)]]))),
    limit: checkWhole('limit', limit, MAX_LIMIT),
    ...given({
      states: state === undefined ? undefined : [state].flat().map(checkState),
      reasons,
      after: after === undefined ? undefined : readCursor(after),
    }),
  };
}

/** Throws RangeError if `given` has a name that is not among `known`. */
export function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new RangeError(`${what} has ${unknown.map(shownName).join(', ')}; allowed are ${known.join(', ')}`);
}

/** A name that somebody typed, for an error. */
export function shownName(name: string): string {
  return oneLine(JSON.stringify(name.slice(0, 40)));
}

function checkState(value: unknown): DeliveryRecord['state'] {
  const state = FINAL_STATES.find((each) => each === value);
  if (state !== undefined) return state;
  throw new RangeError(`state is ${shownName(String(value))}; allowed are ${FINAL_STATES.join(', ')}`);
}

/** Checks prune options and fills in their defaults. `nowMs` is the present time. Throws RangeError, also for a name
 *  that is not known: `{ dry_run: true }` would delete. */
export function checkPrune(
  options: PruneOptions,
  nowMs: number,
): { readonly endedBefore: string; readonly batch: number; readonly dryRun: boolean } {
  refuseUnknown('prune', options, ['olderThanMs', 'batch', 'dryRun']);
  const { olderThanMs, batch = DEFAULT_BATCH, dryRun = false } = options;
  const endedBefore = storedTime(nowMs - olderThanMs);
  // A negative age would delete records that end in the future.
  if (!(olderThanMs >= 0) || endedBefore === undefined) {
    const rule = 'it must be a number of milliseconds from 0 up, and reach back to the year 1 at most';
    throw new RangeError(`olderThanMs is ${olderThanMs}; ${rule}`);
  }
  return { endedBefore, batch: checkWhole('batch', batch, 100_000), dryRun };
}

/** Checks a whole number of an option. Throws RangeError. */
export function checkWhole(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new RangeError(`${name} is ${value}; it must be a whole number from 1 to ${max}`);
}

/** The time in UTC with milliseconds. Throws RangeError for what `readMoment` does not read. */
export function checkTime(name: string, text: string): string {
  const time = readMoment(text);
  if (time === undefined) throw new RangeError(`${name} is ${JSON.stringify(text)}; it must be ${MOMENT_RULE}`);
  return time;
}

/** Throws RangeError for what is no text. Ids are stored as text, so a number would find nothing. */
export function checkText(name: string, value: unknown): void {
  if (typeof value !== 'string') throw new RangeError(`${name} is ${kindOf(value)}; it must be a text`);
}

/** Throws RangeError for what is no list of ids. Parts of one text would be looked for. */
export function checkWebhookIds(webhookIds: unknown): void {
  if (!Array.isArray(webhookIds)) throw new RangeError(`webhookIds is ${kindOf(webhookIds)}; it must be a list of ids`);
  for (const webhookId of webhookIds as readonly unknown[]) checkText('a webhook id', webhookId);
}

function readCursor(text: string): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const [endedAt, webhookId, cycle, runId, ...rest] = place as unknown[];
    const texts = [endedAt, webhookId, runId];
    if (texts.every((part) => typeof part === 'string') && Number.isInteger(cycle) && rest.length === 0) {
      const [ended = '', id = '', run = ''] = texts;
      return { endedAt: checkTime('after', ended), webhookId: id, cycle: Number(cycle), runId: run };
    }
  } catch {
    // Reported below, with one message for every wrong text.
  }
  throw new RangeError('after is not a cursor of this log: pass the `next` of the page before');
}
