/** Reads a time in every form in which engines hold one: Date, unix seconds or milliseconds, PostgreSQL's text, RFC
 *  2822, ISO 8601 with or without a zone. Artifacts use it, too. Pure. */
import { kindOf } from '../canonical-json.ts';
import { TIME_RULE, wireTime } from '../wire-time.ts';
import type { RepairList } from './repair-list.ts';

/** A time in its wire form, and how it was read. `form` is absent if it came as ISO 8601 with a zone. */
export type ReadTime = { readonly time: string; readonly form?: string };

/** An optional time in its wire form. Missing, null and `''` are null; so is what nobody can read, and it is told. */
export function timeOf(value: unknown, field: string, list: RepairList): string | null {
  if (value === undefined || value === null || value === '') return null;
  const read = readTime(value);
  if (read === undefined) {
    list.repaired(field, `${kindOf(value)}: no time can be read from it, so null is sent; send ${TIME_RULE}`);
    return null;
  }
  if (read.form !== undefined) list.repaired(field, `${kindOf(value)}: ${read.form}; send ${TIME_RULE}`);
  return read.time;
}

/** Reads a time of any form. Undefined for what is no time. Never throws. */
export function readTime(value: unknown): ReadTime | undefined {
  if (typeof value === 'string') return readText(value.trim());
  if (typeof value === 'number' || typeof value === 'bigint') return readNumber(Number(value));
  return typeof value === 'object' && value !== null ? readObject(value) : undefined;
}

/** The number of digits decides, so no number is read in two ways. Unix seconds have 9 or 10 digits from 1973 to 2286.
 *  Unix milliseconds have 13 from 2001 on. Other numbers are no times of calls. */
function readNumber(value: number): ReadTime | undefined {
  if (!(value > 0)) return undefined;
  const digits = String(Math.trunc(value));
  switch (digits.length) {
    case 9:
    case 10:
      return ofMs(value * 1_000, 'read as unix seconds');
    case 12:
    case 14:
      return readCompact(digits);
    case 13:
      return ofMs(value, 'read as unix milliseconds');
    default:
      return undefined;
  }
}

/** `20260131103000` and `202601311030`, as PBXs write them. */
function readCompact(digits: string): ReadTime | undefined {
  const [, year, month, day, hour, minute, second = '00'] =
    /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?$/.exec(digits) ?? [];
  const time = instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return time === undefined ? undefined : { time, form: 'read as YYYYMMDDhhmmss in UTC' };
}

function ofMs(ms: number, form: string): ReadTime | undefined {
  const date = new Date(ms);
  const time = Number.isNaN(date.getTime()) ? undefined : wireTime(date.toISOString());
  return time === undefined ? undefined : { time, form };
}

/** A Date of any realm, or an object that can write itself as ISO 8601 or JSON, as those of date libraries. */
function readObject(value: object): ReadTime | undefined {
  try {
    const { toISOString, toJSON } = value as { readonly toISOString?: unknown; readonly toJSON?: unknown };
    const write = typeof toISOString === 'function' ? toISOString : toJSON;
    if (typeof write !== 'function') return undefined;
    const text: unknown = write.call(value);
    const read = typeof text === 'string' ? readText(text) : undefined;
    return read === undefined ? undefined : { form: 'an object, written as ISO 8601', ...read };
  } catch {
    return undefined;
  }
}

/** As `wireTime`, also of a leap second. RFC 3339 writes it as second 60, and the wire form has none: it is sent as the
 *  second after it, as PostgreSQL reads it. */
function instantOf(text: string): string | undefined {
  const before = text.replace(LEAP_SECOND, '$<start>59');
  const time = wireTime(before);
  if (time === undefined || before === text) return time;
  return wireTime(new Date(Date.parse(time) + 1_000).toISOString());
}
const LEAP_SECOND = /^(?<start>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:)60/;

/** No known form is longer. A regular expression must not see a text of megabytes. */
const MAX_TIME_TEXT = 100;

function readText(text: string): ReadTime | undefined {
  if (text.length > MAX_TIME_TEXT) return undefined;
  const time = wireTime(text);
  if (time !== undefined) return { time };
  if (/^\d{9,14}(\.\d+)?$/.test(text)) return readNumber(Number(text));
  return readDigits(text) ?? readWords(text);
}

/** ISO 8601 without a zone or in its basic form, PostgreSQL's and MySQL's text, Java's with a zone in brackets. The
 *  name of a zone alone says no offset: it takes a table that changes. */
const DATE = /(\d{4})-?(\d{2})-?(\d{2})/;
const CLOCK = /(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?/;
const ZONE = /(?:(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)(?:\[[\w/+-]+\])?)?/;
const DIGITS = new RegExp(`^${DATE.source}[T ]${CLOCK.source} ?${ZONE.source}$`, 'i');

function readDigits(text: string): ReadTime | undefined {
  const [, year, month, day, hour, minute, second = '00', zone] = DIGITS.exec(text) ?? [];
  if (year === undefined) return undefined;
  const time = instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}${offsetOf(zone ?? 'Z')}`);
  if (time === undefined) return undefined;
  return { time, form: zone === undefined ? 'has no zone, so it was read as UTC' : 'read as ISO 8601' };
}

/** `Sat, 31 Jan 2026 10:30:00 +0000` (RFC 2822) and `Sat Jan 31 2026 10:30:00 GMT+0000 (…)` (JavaScript). */
const RFC_2822 =
  /^(?:[a-z]{3}, ?)?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))?(?: ([a-z]{1,3}|[+-]\d{4}))?$/i;
const JAVASCRIPT = /^[a-z]{3} ([a-z]{3}) (\d{1,2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT([+-]\d{4})(?: \(.*\))?$/i;

function readWords(text: string): ReadTime | undefined {
  const [, day, month, year, hour, minute, second = '00', zone] = RFC_2822.exec(text) ?? javaScriptParts(text);
  const monthNumber = MONTHS.indexOf((month ?? '').toLowerCase()) + 1;
  const offset = offsetOf(zone ?? 'Z');
  if (monthNumber === 0 || offset === undefined) return undefined;
  const date = `${year}-${String(monthNumber).padStart(2, '0')}-${(day ?? '').padStart(2, '0')}`;
  const time = instantOf(`${date}T${hour}:${minute}:${second}${offset}`);
  if (time === undefined) return undefined;
  return { time, form: zone === undefined ? 'has no zone, so it was read as UTC' : 'read as RFC 2822' };
}

function javaScriptParts(text: string): readonly (string | undefined)[] {
  const [all, month, day, ...rest] = JAVASCRIPT.exec(text) ?? [];
  return [all, day, month, ...rest];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** The zones of RFC 2822, section 4.3. */
const ZONES = new Map(
  'z Z,ut Z,utc Z,gmt Z,est -05:00,edt -04:00,cst -06:00,cdt -05:00,mst -07:00,mdt -06:00,pst -08:00,pdt -07:00'
    .split(',')
    .map((zone) => zone.split(' ') as [string, string]),
);

/** A zone as `wireTime` takes it. Undefined for an unknown name. */
function offsetOf(zone: string): string | undefined {
  const [, hours, minutes = '00'] = /^([+-]\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return hours === undefined ? ZONES.get(zone.toLowerCase()) : `${hours}:${minutes}`;
}
