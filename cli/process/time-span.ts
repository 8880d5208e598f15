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

/** A span back from now, or a date or time of ISO 8601, as ISO 8601: `1d` → yesterday at this time. */
export function readMoment(text: string): string {
  if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  try {
    return new Date(Date.now() - readSpanMs(text)).toISOString();
  } catch {
    throw new InvalidArgumentError('Give a span back from now like 12h or 1d, or a time like 2026-06-01T00:00:00Z.');
  }
}
