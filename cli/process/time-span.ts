/** Times as people type them: `90d`, `12h`, or a date. */
import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `90d` → 7776000000. Throws InvalidArgumentError, which commander turns into a usage error. */
export function readSpanMs(text: string): number {
  const [, count = '', unit = ''] = /^([1-9][0-9]{0,8})([smhdw])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined) throw new InvalidArgumentError('Give a span like 30m, 12h, 90d or 4w.');
  return Number(count) * unitMs;
}

/** 7776000000 → `90d`: in the largest unit that has no rest, as `readSpanMs` reads it. `?` for what is no span. */
export function typedSpan(ms: unknown): string {
  if (typeof ms !== 'number' || !(ms >= 0)) return '?';
  const [unit, unitMs = 1_000] = Object.entries(TYPED_UNITS).find(([, each]) => ms > 0 && ms % each === 0) ?? ['s'];
  return `${ms / unitMs}${unit}`;
}

const TYPED_UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

/** A span back from now, or a date or time of ISO 8601, as ISO 8601: `1d` → yesterday at this time. A time without a
 *  zone is UTC. Throws InvalidArgumentError, also for a day that no calendar has. */
export function readMoment(text: string): string {
  const moment = isoMoment(text);
  if (moment !== undefined) return moment;
  try {
    return new Date(Date.now() - readSpanMs(text)).toISOString();
  } catch {
    if (TIME_OF_DAY.test(text)) {
      const today = new Date().toISOString().slice(0, 10);
      const meant = `${today}T${text.padStart(5, '0')}Z`;
      throw new InvalidArgumentError(`Give a time of day with its date, in UTC: ${meant}. Or a span, like 2h.`);
    }
    throw new InvalidArgumentError('Give a span back from now like 12h or 1d, or a time like 2026-06-01T00:00:00Z.');
  }
}

const TIME_OF_DAY = /^\d{1,2}:\d{2}$/;
const ISO_MOMENT = /^([\d-]{10})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

function isoMoment(text: string): string | undefined {
  const [, day, minute = '00:00', second = ':00', zone = 'Z'] = ISO_MOMENT.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  const offset = zone.toUpperCase().replace(/^([+-][0-9]{2})([0-9]{2})$/, '$1:$2');
  const moment = new Date(`${day}T${minute}${second}${offset}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}

/** Date takes the 31st of February for the 3rd of March. */
function isDay(day: string): boolean {
  const read = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day);
}
