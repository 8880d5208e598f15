/** Options of the commands that look at a window of time: `endpoints`, `report`, `stats`. */
import type { Command } from 'commander';
import { readCount, readId } from '../process/option-readers.ts';
import { usageError } from '../process/exit.ts';
import { readMoment } from '../process/time-span.ts';
import type { DbTarget } from './db/open.ts';

/** What they have in common; times are ISO 8601. */
export type WindowOptions = DbTarget & {
  readonly since?: string;
  readonly until?: string;
  readonly account?: string;
  readonly limit?: number;
  readonly json: boolean;
};

/** Adds these options. */
export function withWindow(command: Command, limit: { readonly of: string; readonly standard: number }): Command {
  return command
    .option('--account <id>', 'only this account', readId)
    .option('--since <time>', 'from: 12h, 7d, or 2026-06-01 (default: 1d)', readMoment)
    .option('--until <time>', 'before (default: now)', readMoment)
    .option('--limit <count>', `${limit.of} (default: ${limit.standard})`, readCount)
    .option('--url <url>', 'postgres://user:password@host:5432/database (default: TOPCALLS_DATABASE_URL)')
    .option('--schema <name>', 'schema (default: TOPCALLS_DATABASE_SCHEMA, else topcalls_webhooks)')
    .option('--json', 'print the outcome as JSON', false);
}

/** The window: a day back from now by default. Throws CliError `bad_option` for an empty one. */
export function windowOf(times: Pick<WindowOptions, 'since' | 'until'>, nowMs: number) {
  const { since = new Date(nowMs - DAY_MS).toISOString(), until = new Date(nowMs).toISOString() } = times;
  if (times.since === undefined && since >= until) {
    throw usageError(`--until ${until} is more than a day ago, where the window begins by default: give --since, too`);
  }
  refuseEmptyWindow(times, nowMs);
  return { since, until };
}

/** Times of a search, ISO 8601. */
type Times = Readonly<Partial<Record<'since' | 'until' | 'startedSince' | 'startedUntil', string>>>;

/** Throws CliError `bad_option` where nothing can be found: two times changed places, or a window that begins in the
 *  future. Finding nothing would look as if all were well. */
export function refuseEmptyWindow({ since, until, startedSince, startedUntil }: Times, nowMs: number): void {
  const now = new Date(nowMs).toISOString();
  for (const [prefix, from, to] of [
    ['--', since, until],
    ['--started-', startedSince, startedUntil],
  ] as const) {
    if (from === undefined) continue;
    if (to !== undefined && from >= to) {
      throw usageError(`nothing lies between ${prefix}since ${from} and ${prefix}until ${to}: do they change places?`);
    }
    if (from > now) throw usageError(`${prefix}since ${from} is in the future: it is ${now} now, and times are of UTC`);
  }
}

const DAY_MS = 86_400_000;

/** 0.9876 → `98.8 %`. 100 % only if it is all, and 0 % only if it is none. Undefined when there was nothing to
 *  share. */
export function shareInWords(part: number, all: number): string | undefined {
  if (all === 0) return undefined;
  const rounded = Math.round((part / all) * 1_000) / 10;
  const shown = part === 0 || part === all ? rounded : Math.min(99.9, Math.max(0.1, rounded));
  return `${shown.toFixed(1)} %`;
}

/** 250 → `250 ms`, 12500 → `12.5 s`, 4000000 → `66.7 min`. */
export function spanOf(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}
