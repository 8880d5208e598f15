/** Options of the commands that look at a window of time: `endpoints`, `report`, `stats`. */
import type { Command } from 'commander';
import { readCount, readId } from '../process/option-readers.ts';
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

/** The window: a day back from now by default. */
export function windowOf({ since, until }: Pick<WindowOptions, 'since' | 'until'>, nowMs: number) {
  return { since: since ?? new Date(nowMs - DAY_MS).toISOString(), until: until ?? new Date(nowMs).toISOString() };
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
