/**
 * `SeenEvents` in PostgreSQL, for receivers of several processes. It takes the host's own pool and imports no driver,
 * so the receiver door needs no packages. The database's clock decides what has expired.
 */
import { checkMethod, checkOptionNames } from '../contract/known-options.ts';
import type { ClaimAnswer, SeenEvents } from './seen-events.ts';

/** The part of a `Pool` of the package `pg` that is used. The host opens it, ends it, and adds its `error`
 *  listener. */
export type SeenEventsPool = {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
};

/** Options of `PostgresSeenEvents`. */
export type PostgresSeenEventsOptions = {
  readonly pool: SeenEventsPool;
  /** Table name. Default `topcalls_webhooks_seen`. Use `schema.table` for another schema, which must exist. */
  readonly table?: string;
  /** How long an id is kept as done, in ms. Default 7 days, since operators may deliver again days later. */
  readonly ttlMs?: number;
};

const SEVEN_DAYS_MS = 604_800_000;
/** How many expired rows each `done` deletes. It is more than it adds, so the table needs no clean-up job. */
const PRUNED_PER_DONE = 20;

/** `new PostgresSeenEvents({ pool })`. Methods reject with the driver's errors; `receive` then answers 503. */
export class PostgresSeenEvents implements SeenEvents {
  readonly #pool: SeenEventsPool;
  readonly #ttlMs: number;
  readonly #table: string;

  /** Sends nothing to the database yet. Throws RangeError for an impossible table name or age. */
  constructor(options: PostgresSeenEventsOptions) {
    checkOptionNames('PostgresSeenEvents', options, ['pool', 'table', 'ttlMs']);
    const { pool, table = 'topcalls_webhooks_seen', ttlMs = SEVEN_DAYS_MS } = options;
    checkMethod('PostgresSeenEvents', pool, 'query', 'pass pool, a Pool of the package pg');
    if (!/^[a-z_][a-z0-9_]{0,50}(\.[a-z_][a-z0-9_]{0,50})?$/i.test(table)) {
      throw new RangeError(`PostgresSeenEvents: table is ${JSON.stringify(table)}; allowed: name or schema.name`);
    }
    if (!(ttlMs > 0)) throw new RangeError(`PostgresSeenEvents: ttlMs is ${ttlMs}; it must be above 0`);
    this.#pool = pool;
    this.#ttlMs = ttlMs;
    // Quoted, since the host's name may be a keyword.
    this.#table = table.replaceAll(/[^.]+/g, (part) => `"${part}"`);
  }

  /** The SQL that `createTable` runs, for a DBA or your own migrations. Running it again changes nothing. */
  get tableSql(): string {
    const index = `"${this.#table.replaceAll('"', '').split('.').at(-1) ?? ''}_expires"`;
    return `create table if not exists ${this.#table} (
  id         text        primary key,
  holder     text        not null,
  done       boolean     not null default false,
  expires_at timestamptz not null
);
create index if not exists ${index} on ${this.#table} (expires_at);
`;
  }

  /** Creates the table if it is missing. Any number of processes may call it at once. */
  async createTable(): Promise<void> {
    // Several statements without parameters run as one transaction. The lock is needed: "if not exists" fails in a
    // race.
    await this.#pool.query(`select pg_advisory_xact_lock(hashtext('${this.#table}'));\n${this.tableSql}`);
  }

  async claim(id: string, holder: string, forMs: number): Promise<ClaimAnswer> {
    // One statement sees one snapshot of the table. A caller that loses the race for the row sees no row, so answers
    // busy.
    const { rows } = await this.#pool.query(
      `with claimed as (
         insert into ${this.#table} as seen (id, holder, expires_at)
         values ($1, $2, now() + $3 * interval '1 millisecond')
         on conflict (id) do update set holder = excluded.holder, done = false, expires_at = excluded.expires_at
           where seen.expires_at <= now() or (seen.holder = excluded.holder and not seen.done)
         returning 1)
       select case when exists (select from claimed) then 'claimed'
         when exists (select from ${this.#table} where id = $1 and done and expires_at > now()) then 'done'
         else 'busy' end as answer`,
      [id, holder, forMs],
    );
    const [row] = rows as readonly { readonly answer: ClaimAnswer }[];
    return row?.answer ?? 'busy';
  }

  async done(id: string, holder: string): Promise<void> {
    // Deletes only what expired an hour ago, so that this cannot lock the row of an id that is marked late.
    await this.#pool.query(
      `with pruned as (
         delete from ${this.#table} where id in (
           select id from ${this.#table} where expires_at <= now() - interval '1 hour' and id <> $1
           order by expires_at limit ${PRUNED_PER_DONE} for update skip locked))
       insert into ${this.#table} (id, holder, done, expires_at)
       values ($1, $2, true, now() + $3 * interval '1 millisecond')
       on conflict (id) do update set done = true, expires_at = excluded.expires_at`,
      [id, holder, this.#ttlMs],
    );
  }

  async release(id: string, holder: string): Promise<void> {
    await this.#pool.query(`delete from ${this.#table} where id = $1 and holder = $2 and not done`, [id, holder]);
  }
}
