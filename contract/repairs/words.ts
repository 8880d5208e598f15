/** Reads the words that decide what happens: a call's status, a campaign's event, which artifacts are expected.
 *  Pure. */
import { CAMPAIGN_EVENTS, type CampaignEventName } from '../event-types.ts';
import type { Expects } from '../event-data.ts';
import { kindOf } from '../canonical-json.ts';
import { isRecord, readField } from './read-fields.ts';
import type { RepairList } from './repair-list.ts';
import { shownWord } from './texts.ts';

/** Statuses of telephony that mean `failed`, as people write them. */
const FAILED_WORDS = ['busy', 'no-answer', 'no_answer', 'canceled', 'cancelled', 'error', 'rejected', 'timeout'];
const FAILED: ReadonlySet<string> = new Set(['failed', ...FAILED_WORDS].map(lettersOf));

/** What a status may be, in words for error messages. */
export const STATUS_RULE = `must be completed or failed; ${FAILED_WORDS.join(', ')} also mean failed`;

/** A status that was read. `word`: a finer one than completed or failed, as it came. */
export type ReadStatus = { readonly status: 'completed' | 'failed'; readonly word?: string };

/** Reads the status of an ended call, without case. Undefined if nobody can read it as completed or failed. */
export function statusOf(value: unknown, list: RepairList): ReadStatus | undefined {
  if (typeof value !== 'string' || value.length > 100) return undefined;
  const letters = lettersOf(value);
  const status = letters === 'completed' ? 'completed' : FAILED.has(letters) ? 'failed' : undefined;
  if (status === undefined) return undefined;
  if (value !== status) list.repaired('status', `${shownWord(value)}: read as ${status}`);
  return letters === status ? { status } : { status, word: value.trim() };
}

type Happened = CampaignEventName | 'webhook.test';
const EVENTS: readonly Happened[] = [...CAMPAIGN_EVENTS, 'webhook.test'];

/** What a campaign's event may be, in words for error messages. */
export const CAMPAIGN_EVENT_RULE = `must be one of ${EVENTS.join(', ')}`;

/** Whether `value` is an event that a campaign can report, as it is written. */
export function isCampaignEvent(value: unknown): value is Happened {
  return (EVENTS as readonly unknown[]).includes(value);
}

/** Reads the event of a campaign, without case. Undefined if it is none. */
export function campaignEventOf(value: unknown, list: RepairList): Happened | undefined {
  if (typeof value !== 'string' || value.length > 100) return undefined;
  const event = EVENTS.find((each) => lettersOf(each) === lettersOf(value));
  if (event !== undefined && event !== value) list.repaired('event', `${shownWord(value)}: read as ${event}`);
  return event;
}

/** Reads which artifacts are expected. Missing ones are. */
export function expectsOf(value: unknown, list: RepairList): Expects {
  if (value !== undefined && value !== null && !isRecord(value)) {
    list.repaired('expects', `${kindOf(value)}: everything is expected; send an object of true and false`);
  }
  const raw = isRecord(value) ? value : {};
  return {
    recording: isExpected(raw, 'recording', list),
    transcript: isExpected(raw, 'transcript', list),
    summary: isExpected(raw, 'summary', list),
  };
}

function isExpected(raw: object, name: keyof Expects, list: RepairList): boolean {
  const value = readField(raw, name);
  if (value === undefined || value === null) return true;
  if (typeof value === 'boolean') return value;
  const isNo = value === 0 || (typeof value === 'string' && /^(false|no|0)$/i.test(value));
  const isYes = value === 1 || (typeof value === 'string' && /^(true|yes|1)$/i.test(value));
  const read = isNo ? 'read as false' : isYes ? 'read as true' : 'it is expected';
  list.repaired(`expects.${name}`, `${shownWord(value)}: ${read}; send true or false`);
  return !isNo;
}

/** `No-Answer`, `no_answer` and `noAnswer` are the same word. */
function lettersOf(word: string): string {
  return word.replaceAll(/[\s._-]/g, '').toLowerCase();
}
