/** Runs `db plan`, `migrate`, `status` and `prune`. */
import { postgresMigrationSql } from '../../../adapters/index.ts';
import { given } from '../../../contract/given.ts';
import { lateInWords } from './late-in-words.ts';
import { namesDatabase, schemaOf, withLog, type DbOptions } from './open.ts';
import { EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { plainTable } from '../../process/plain-table.ts';
import { counted } from '../../process/counted.ts';

/** Options of `db prune`. */
export type PruneCommandOptions = DbOptions & {
  readonly olderThan: number;
  readonly batch?: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
};

/** Options of `db status`. `since`: ISO 8601. `lateBy`: ms. */
export type StatusCommandOptions = DbOptions & { readonly since?: string; readonly lateBy?: number };

/** Prints the SQL of what is pending, or of everything when no database is named. Rejects with CliError, as all here.
 *  */
export async function runPlan(options: DbOptions, terminal: Terminal): Promise<ExitCode> {
  const schema = schemaOf(options, terminal.env);
  const state = namesDatabase(options, terminal.env)
    ? await withLog(options, terminal.env, async ({ log, place }) => ({ ...(await log.schemaStatus()), place }))
    : undefined;
  const applied = state?.applied.map(({ name }) => name) ?? [];
  const isUpToDate = state?.pending.length === 0;
  const sql = isUpToDate ? '' : await postgresMigrationSql({ schema, applied });
  if (options.json) terminal.data(JSON.stringify({ schema, applied, pending: state?.pending, sql }, undefined, 2));
  else if (!isUpToDate) terminal.data(sql.trimEnd());
  terminal.say(
    state === undefined
      ? 'no database is named: this is the SQL for an empty one; migrate runs the same'
      : isUpToDate
        ? `nothing to do: ${state.place} is up to date`
        : `migrate would run this on ${state.place}; nothing was changed`,
  );
  return EXIT.ok;
}

/** Applies what is pending. */
export async function runMigrate(options: DbOptions, terminal: Terminal): Promise<ExitCode> {
  return withLog(options, terminal.env, async ({ log, place }) => {
    const applied = await log.migrate();
    if (options.json) terminal.data(JSON.stringify({ applied }, undefined, 2));
    terminal.say(
      applied.length === 0 ? `nothing to do: ${place} is up to date` : `applied ${applied.join(', ')} to ${place}`,
    );
    return EXIT.ok;
  });
}

/** Prints which migrations are applied, pending or unknown, and which deliveries were recorded late. */
export async function runStatus(options: StatusCommandOptions, terminal: Terminal): Promise<ExitCode> {
  return withLog(options, terminal.env, async ({ log, place }) => {
    const status = await log.schemaStatus();
    const since = options.since ?? new Date(Date.now() - DAY_MS).toISOString();
    const late = status.pending.length === 0 ? await log.recordedLate(since, options.lateBy) : undefined;
    if (options.json) {
      terminal.data(
        JSON.stringify({ ...status, ...given({ recordedLate: late && { since, ...late } }) }, undefined, 2),
      );
      return EXIT.ok;
    }
    const isUnknown = (name: string): boolean => status.unknown.includes(name);
    const rows = [
      ...status.applied.map(({ name, at }) => [name, `applied ${at}${isUnknown(name) ? ', by a newer version' : ''}`]),
      ...status.pending.map((name) => [name, 'pending']),
    ];
    terminal.data(plainTable(['migration', 'state'], rows));
    const count = status.pending.length;
    terminal.say(
      count === 0 ? `${place} is up to date` : `${place}: ${count} pending; run topcalls-webhooks db migrate`,
    );
    if (late !== undefined) for (const line of lateInWords(late, since)) terminal.say(line);
    return EXIT.ok;
  });
}

const DAY_MS = 86_400_000;

/** Deletes records by age. A span below a day is most likely mistyped (`90m` for 90 days), so it needs `--yes`. */
export async function runPrune(options: PruneCommandOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.olderThan < DAY_MS && !options.dryRun && !options.yes) {
    const fix = 'give a longer one such as 90d, look with --dry-run, or add --yes';
    throw usageError(`--older-than is below a day, which leaves nearly nothing in the log: ${fix}`);
  }
  return withLog(options, terminal.env, async ({ log, place }) => {
    const { olderThan, batch, dryRun } = options;
    const pruned = await log.prune({ olderThanMs: olderThan, dryRun, ...given({ batch }) });
    if (options.json) terminal.data(JSON.stringify({ ...pruned, dryRun }, undefined, 2));
    const { records, endedBefore } = pruned;
    const what = `${counted(records, 'record')} of deliveries that ended before ${endedBefore} (${place})`;
    terminal.say(dryRun ? `would delete ${what}; nothing was changed` : `deleted ${what}`);
    return EXIT.ok;
  });
}
