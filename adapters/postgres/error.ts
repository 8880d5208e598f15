/** What can be wrong between the delivery log and its PostgreSQL: one error class, whose code says what to do. */

/**
 * `postgres_unavailable`: it passes by itself; try again. `postgres_schema`: run the migrations. `postgres_access`:
 * check user, password and rights. `postgres_configuration`, `postgres_not_installed`: a person has to fix the set-up.
 * `postgres_failed`: any other answer of the server; see `sqlState`.
 */
export type PostgresDeliveryLogErrorCode =
  | 'postgres_unavailable'
  | 'postgres_schema'
  | 'postgres_access'
  | 'postgres_configuration'
  | 'postgres_not_installed'
  | 'postgres_failed';

/** A call of the log failed. The message holds no password and no value of a record. */
export class PostgresDeliveryLogError extends Error {
  readonly code: PostgresDeliveryLogErrorCode;
  /** Whether the worker may log the message, see docs/embed.md. Not if it quotes an error of the host's pool. */
  readonly safeToLog: boolean;
  /** Whether the server refuses a value of the query for good, such as text with U+0000. Trying again does not help,
   *  and the worker does not. */
  readonly refused: boolean;
  /** SQLSTATE of the server's answer. Undefined if the server did not answer. */
  readonly sqlState: string | undefined;
  constructor(
    code: PostgresDeliveryLogErrorCode,
    facts: {
      readonly problem: string;
      readonly sqlState?: string | undefined;
      readonly cause?: unknown;
      readonly safeToLog?: boolean;
    },
  ) {
    super(`PostgreSQL delivery log: ${facts.problem}`, { cause: facts.cause });
    this.name = 'PostgresDeliveryLogError';
    this.code = code;
    this.safeToLog = facts.safeToLog ?? true;
    this.refused = REFUSED.test(facts.sqlState ?? '');
    this.sqlState = facts.sqlState;
  }
}

/** Classes of SQLSTATE. Source: PostgreSQL manual, appendix A. */
const UNAVAILABLE = /^(08|53|57P)/;
/** Lock timeout, deadlock. */
const LOCKED = /^(55P03|40P01)$/;
const ACCESS = /^(28|42501|3D000)/;
const SCHEMA = /^(3F000|42P01|42703)/;
/** Data exception, integrity constraint, program limit such as the size of an index row. */
const REFUSED = /^(22|23|54)/;

/** Turns an error of pg into ours. An error of ours stays as it is. */
export function asLogError(cause: unknown): PostgresDeliveryLogError {
  if (cause instanceof PostgresDeliveryLogError) return cause;
  const { code, severity } = cause as { code?: unknown; severity?: unknown };
  // Only errors of the server have a severity. ECONNREFUSED is a code too, but not of the server.
  const sqlState = typeof code === 'string' && typeof severity === 'string' ? code : undefined;
  if (sqlState === undefined) {
    const what = typeof code === 'string' ? code : cause instanceof Error ? cause.message : String(cause);
    return new PostgresDeliveryLogError('postgres_unavailable', {
      problem: `no answer from the server (${what})`,
      cause,
      safeToLog: typeof code === 'string',
    });
  }
  const facts = { sqlState, cause };
  const words = (text: string): string => `${text} (SQLSTATE ${sqlState})`;
  if (UNAVAILABLE.test(sqlState)) {
    return new PostgresDeliveryLogError('postgres_unavailable', {
      ...facts,
      problem: words('the server is not ready'),
    });
  }
  if (LOCKED.test(sqlState)) {
    return new PostgresDeliveryLogError('postgres_unavailable', {
      ...facts,
      problem: words('another statement holds the table for too long, and this one changed nothing: try again'),
    });
  }
  if (ACCESS.test(sqlState)) {
    const problem = words('the server refuses this user, password or database, or the user lacks a right');
    return new PostgresDeliveryLogError('postgres_access', { ...facts, problem });
  }
  if (SCHEMA.test(sqlState)) {
    const problem = words('its tables are missing or too old; run topcalls-webhooks db migrate');
    return new PostgresDeliveryLogError('postgres_schema', { ...facts, problem });
  }
  return new PostgresDeliveryLogError('postgres_failed', { ...facts, problem: words('the server refused the query') });
}
