/** Reads `webhook_events` of one endpoint: a list of event names, or a text that means one. Pure. */
import { kindOf } from '../canonical-json.ts';
import {
  CALL_EVENTS,
  CAMPAIGN_EVENTS,
  DEFAULT_EVENTS,
  isEventName,
  type ConfigLevel,
  type EventName,
} from '../event-types.ts';
import { MAX_EVENT_NAMES, MAX_EVENTS_TEXT_LENGTH } from '../limits.ts';
import { looksLikeSecret } from '../secret-reference.ts';

/** Tells what was odd about the list. */
export type TellOfEvents = (code: 'repaired' | 'unknown_event', problem: string) => void;

/** Most unknown names of one endpoint that are told one by one. */
const MAX_NAMES_TOLD = 5;

/** The known events among those that came. Undefined if the list was left out, or is none: the level's default
 *  counts. */
export function eventsOf(level: ConfigLevel, value: unknown, tell: TellOfEvents): readonly EventName[] | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string' && !Array.isArray(value)) {
    const events = DEFAULT_EVENTS[level].join(', ');
    tell('repaired', `${kindOf(value)}, taken as left out: ${events}; allowed is a list of event names`);
    return undefined;
  }
  const given: readonly unknown[] = Array.isArray(value) ? value.slice(0, MAX_EVENT_NAMES) : [value];
  const names = given.flatMap((each) => (typeof each === 'string' ? namesIn(each) : [each]));
  if (typeof value === 'string' || names.length > given.length) {
    const one = typeof value === 'string' ? kindOf(value) : 'a list of texts with several names';
    tell('repaired', `${one}, read as a list of ${names.length}; allowed is a list of event names`);
  }
  const isKnown = (name: unknown): name is EventName => typeof name === 'string' && isEventName(name);
  const unknown = names.filter((name) => !isKnown(name));
  tellUnknown(unknown, Array.isArray(value) ? value.length - given.length : 0, tell);
  return [...new Set(names.filter(isKnown))];
}

function tellUnknown(names: readonly unknown[], unread: number, tell: TellOfEvents): void {
  const known = `known are ${[...CALL_EVENTS, ...CAMPAIGN_EVENTS].join(', ')}`;
  for (const name of names.slice(0, MAX_NAMES_TOLD)) {
    tell('unknown_event', `${shownEvent(name)} is not an event and is ignored; ${known}`);
  }
  const others = Math.max(0, names.length - MAX_NAMES_TOLD) + unread;
  if (others > 0) tell('unknown_event', `${others} further entries are ignored; ${known}`);
}

/** The names in a text: `a, b`, `a b`, `["a","b"]` and PostgreSQL's `{a,b}`. */
function namesIn(text: string): string[] {
  return text
    .slice(0, MAX_EVENTS_TEXT_LENGTH)
    .split(/[\s,;|"'[\]{}]+/)
    .filter((name) => name !== '');
}

/** A name that looks like one is shown. Anything else may be a secret or a phone number. */
export function shownEvent(name: unknown): string {
  const isPlain = typeof name === 'string' && /^[a-z.:*_-]{1,40}$/i.test(name) && !looksLikeSecret(name);
  return isPlain ? JSON.stringify(name) : kindOf(name);
}
