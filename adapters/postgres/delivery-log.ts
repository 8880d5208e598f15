/**
 * The delivery log in PostgreSQL: one table in its own schema. Implements the `DeliveryLog` port and its read side.
 * When the database is down, its methods reject; deliveries go on, and the module records later.
 */
import type { Kysely } from 'kysely';
import type {
  DeliveryFilter,
  DeliveryLog,
  DeliveryLogEraser,
  DeliveryLogPruner,
  DeliveryLogReader,
  DeliveryLogStats,
  DeliveryPage,
  DeliveryStats,
  DeliveryStatsQuery,
  Pruned,
  PruneOptions,
} from '../../activities/ports/delivery-log.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';
import { cleanRecord } from '../../contract/clean-record.ts';
import { checkStatsQuery } from '../delivery-groups.ts';
import { checkFilter, checkPrune, checkText, checkTime, checkWebhookIds, cursorBehind } from '../delivery-order.ts';
import { bareRecord, isMisread } from './bare-record.ts';
import { PostgresDeliveryLogError } from './error.ts';
import { deleteWebhooks } from './erase.ts';
import { migrateSchema, schemaStatus } from './migrations.ts';
import {
  databaseOf,
  type PostgresDeliveryLogOptions,
  type PostgresPool,
  type PostgresSchemaStatus,
} from './options.ts';
import { loadKysely } from './packages.ts';
import type { KyselyModule } from './packages.ts';
import { openPool, poolForKysely } from './pool.ts';
import { countOlder, deleteOlder, selectCycles, selectPage, upsert } from './queries.ts';
import { LATE_BY_MS, selectRecordedLate, type RecordedLate } from './recorded-late.ts';
import { checkedSchema } from './schema.ts';
import type { Tables } from './schema.ts';
import { selectGroups } from './statistics.ts';

// Below the 20 s that the activity recordDelivery waits for a log.
const QUERY_TIMEOUT_MS = 10_000;
/** Webhooks per statement of `erase`. */
const ERASED_AT_ONCE = 1_000;

/**
 * `new PostgresDeliveryLog({ connectionString })`; needs `npm install pg kysely`. Methods reject with
 * PostgresDeliveryLogError. After `postgres_unavailable` call again; `record` may always be called again.
 */
export class PostgresDeliveryLog
  implements DeliveryLog, DeliveryLogReader, DeliveryLogStats, DeliveryLogPruner, DeliveryLogEraser
{
  readonly #kysely: KyselyModule;
  readonly #pool: PostgresPool;
  readonly #ownsPool: boolean;
  readonly #schema: string;
  readonly #db: Kysely<Tables>;
  /** For questions about the schema itself. */
  readonly #schemaDb: Kysely<never>;
  /** Without a query timeout, for migrations: an index on a large table takes long. */
  readonly #patientDb: Kysely<never>;
  readonly #autoMigrate: boolean;
  #closed: Promise<void> | undefined;
  #migrated: Promise<unknown> | undefined;

  /** Opens no connection yet. Throws PostgresDeliveryLogError with code `postgres_not_installed` or
   *  `postgres_configuration`. */
  constructor(options: PostgresDeliveryLogOptions) {
    const database = databaseOf(options);
    const kysely = loadKysely();
    this.#kysely = kysely;
    this.#schema = checkedSchema(options.schema);
    this.#ownsPool = typeof database === 'string';
    this.#pool = typeof database === 'string' ? openPool(database) : database;
    this.#autoMigrate = options.autoMigrate ?? false;
    const { Kysely, PostgresDialect } = kysely;
    const dialect = (queryTimeoutMs?: number) =>
      new PostgresDialect({ pool: poolForKysely(this.#pool, queryTimeoutMs) });
    this.#db = new Kysely<Tables>({ dialect: dialect(QUERY_TIMEOUT_MS) }).withSchema(this.#schema);
    this.#schemaDb = new Kysely<never>({ dialect: dialect(QUERY_TIMEOUT_MS) });
    this.#patientDb = new Kysely<never>({ dialect: dialect() });
  }

  /** Stores one final state; idempotent by (webhookId, cycle, runId), as the port says. What PostgreSQL cannot store
   *  is changed or left out, and the record's `repaired` names those fields. */
  async record(record: DeliveryRecord): Promise<void> {
    const db = await this.#ready();
    try {
      await upsert(this.#kysely, db, isMisread(record) ? bareRecord(record) : cleanRecord(record));
    } catch (error) {
      if (!isAboutTheRecord(error)) throw error;
      await upsert(this.#kysely, db, bareRecord(record));
    }
  }

  /** One page, the latest end first. Rejects with RangeError for a filter that the port forbids. */
  async list(filter: DeliveryFilter = {}): Promise<DeliveryPage> {
    const checked = checkFilter(filter);
    const db = await this.#ready();
    // One record more than the page holds, to know whether another page follows.
    const rows = await selectPage(this.#kysely, db, { ...checked, limit: checked.limit + 1 });
    const records = rows.slice(0, checked.limit);
    const last = records.at(-1);
    return last !== undefined && rows.length > records.length ? { records, next: cursorBehind(last) } : { records };
  }

  /** The record of every cycle and run of one webhook, in the order of cycles and ends; empty for an unknown id. */
  async show(webhookId: string): Promise<readonly DeliveryRecord[]> {
    checkText('webhookId', webhookId);
    return selectCycles(this.#kysely, await this.#ready(), webhookId);
  }

  /** Numbers by account, endpoint or hour. Rejects with RangeError for a query that the port forbids. */
  async stats(query: DeliveryStatsQuery = {}): Promise<DeliveryStats> {
    const checked = checkStatsQuery(query);
    const db = await this.#ready();
    const groups = await selectGroups(this.#kysely, db, this.#schema, { ...checked, limit: checked.limit + 1 });
    return { groups: groups.slice(0, checked.limit), more: groups.length > checked.limit };
  }

  /** What an outage of this log cost: deliveries that ended since `since` (ISO 8601), and whose record came more than
   *  `lateByMs` later (default: 10 s). The outage delayed or repeated no POST. */
  async recordedLate(since: string, lateByMs: number = LATE_BY_MS): Promise<RecordedLate> {
    const checked = { since: checkTime('since', since), lateByMs };
    return selectRecordedLate(this.#kysely, await this.#ready(), this.#schema, checked);
  }

  /** Deletes what ended longer ago than `olderThanMs`: one batch per transaction, the oldest first. Rejects with
   *  RangeError for an impossible age or batch. */
  async prune(options: PruneOptions): Promise<Pruned> {
    const { endedBefore, batch, dryRun } = checkPrune(options, Date.now());
    const db = await this.#ready();
    if (dryRun) return { records: await countOlder(db, endedBefore), endedBefore };
    let records = 0;
    for (;;) {
      const deleted = await deleteOlder(db, endedBefore, batch);
      records += deleted;
      if (deleted < batch) return { records, endedBefore };
    }
  }

  /** Deletes every record of these webhooks, of all cycles and runs. Resolves with how many it deleted. */
  async erase(webhookIds: readonly string[]): Promise<number> {
    checkWebhookIds(webhookIds);
    const db = await this.#ready();
    let records = 0;
    for (let at = 0; at < webhookIds.length; at += ERASED_AT_ONCE) {
      records += await deleteWebhooks(db, webhookIds.slice(at, at + ERASED_AT_ONCE));
    }
    return records;
  }

  /** Applies pending migrations, in one transaction, and resolves with their names. Any number of workers may call it
   *  at once, also through a pooler in transaction mode: the lock ends with the transaction. */
  migrate(): Promise<readonly string[]> {
    return migrateSchema(this.#kysely, this.#patientDb, this.#schema);
  }

  /** Says which migrations are applied and which are pending. Changes nothing. Rejects after 10 s without an answer. */
  schemaStatus(): Promise<PostgresSchemaStatus> {
    return schemaStatus(this.#kysely, this.#schemaDb, this.#schema);
  }

  /** Ends the pool that was opened for a `connectionString`. A host's pool stays open. */
  async close(): Promise<void> {
    if (this.#ownsPool) await (this.#closed ??= this.#pool.end());
  }

  async #ready(): Promise<Kysely<Tables>> {
    if (this.#autoMigrate) {
      this.#migrated ??= this.migrate().catch((error: unknown) => {
        this.#migrated = undefined;
        throw error;
      });
      await this.#migrated;
    }
    return this.#db;
  }
}

/** Whether another form of the record may be taken: the server refused it, or it cannot be written as JSON. */
function isAboutTheRecord(error: unknown): boolean {
  return error instanceof PostgresDeliveryLogError ? error.refused : error instanceof TypeError;
}
