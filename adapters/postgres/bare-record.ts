/**
 * The part of a record that every PostgreSQL takes. It is written if the server refused the whole record: for a number
 * out of range, a wrong time, or a text that is too long for an index or not in the database's encoding. Pure.
 */
import { repairedIn } from '../../contract/clean-record.ts';
import { given } from '../../contract/given.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';

type Attempt = DeliveryRecord['attempts'][number];

/** An index row of PostgreSQL has at most 2,704 bytes, and the key has two texts. */
const MAX_BARE_LENGTH = 500;
const MAX_INTEGER = 2_147_483_647;
/** More than any ladder has. */
const MAX_ATTEMPTS = 1_000;
const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z';

/** The record with plain ASCII texts, numbers within range and valid times. `repaired` names what was changed. */
export function bareRecord(record: DeliveryRecord): DeliveryRecord {
  const { callId, campaignId, accountId, reason, cancelReason, cancelledBy, terminateReason, terminatedBy } = record;
  const optional = { callId, campaignId, accountId, reason, cancelReason, cancelledBy, terminateReason, terminatedBy };
  const texts = Object.entries(optional).map(([name, value]) => [name, isGiven(value) ? plain(value) : undefined]);
  const bare: DeliveryRecord = {
    webhookId: plainKey(record.webhookId),
    cycle: integer(record.cycle, 1) ?? 1,
    endpointId: plain(record.endpointId),
    host: plain(record.host),
    workflowId: plain(record.workflowId),
    runId: plainKey(record.runId),
    event: plain(record.event) as DeliveryRecord['event'],
    state: plain(record.state) as DeliveryRecord['state'],
    ...given(Object.fromEntries(texts) as typeof optional),
    attempts: attemptsOf(record.attempts),
    ...given({
      bodyBytes: integer(record.bodyBytes, 0),
      bodySha256: isGiven(record.bodySha256) ? plain(record.bodySha256) : undefined,
      promisedAt: isTime(record.promisedAt) ? time(record.promisedAt) : undefined,
    }),
    startedAt: time(record.startedAt),
    endedAt: time(record.endedAt),
  };
  const { repaired: _before, ...fields } = record;
  const changed = Object.entries(fields).filter(([name, value]) => !isSame(Reflect.get(bare, name), value));
  return {
    ...bare,
    repaired: repairedIn(
      record,
      changed.map(([name]) => plain(name)),
    ),
  };
}

/** Whether PostgreSQL would take these fields, but not as what they mean. */
export function isMisread(record: DeliveryRecord): boolean {
  const { attempts, startedAt, endedAt, promisedAt, cycle, bodyBytes = 0, repaired: _names, ...texts } = record;
  if (!Array.isArray(attempts) || !isTime(startedAt) || !isTime(endedAt)) return true;
  if (isGiven(promisedAt) && !isTime(promisedAt)) return true;
  if (![cycle, bodyBytes].every((number) => number === null || typeof number === 'number')) return true;
  return Object.values(texts).some((text: unknown) => isGiven(text) && typeof text !== 'string');
}

/** A text of the key in plain form. A long one is cut, and its hash keeps it apart from others. */
export function plainKey(text: unknown): string {
  const whole = asText(text);
  const short = plain(whole);
  if (short === whole) return short;
  return `${short.slice(0, 400)}~${hash(whole)}`;
}

/** FNV-1a of 32 bits, twice. It only keeps ids apart that nobody chose on purpose. */
function hash(text: string): string {
  const half = (seed: number): string => {
    let value = seed;
    for (let index = 0; index < text.length; index += 1) {
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
    }
    return value.toString(16).padStart(8, '0');
  };
  return half(0x811c9dc5) + half(0x9dc5811c);
}

function plain(value: unknown): string {
  // Printable ASCII is in every encoding.
  return asText(value)
    .slice(0, MAX_BARE_LENGTH)
    .replace(/[^\x20-\x7e]/g, '?');
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : isGiven(value) ? `(${typeof value})` : '';
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function integer(value: unknown, least: number): number | undefined {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= MAX_INTEGER ? Number(value) : undefined;
}

function time(value: unknown): string {
  return isTime(value) ? new Date(value).toISOString() : UNKNOWN_TIME;
}

/** Years 0001 to 9999, which both JavaScript and PostgreSQL read. PostgreSQL also takes words such as `now`. */
function isTime(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(value)) return false;
  return !value.startsWith('0000') && !Number.isNaN(Date.parse(value));
}

function attemptsOf(value: unknown): Attempt[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_ATTEMPTS).map((each: unknown, index) => {
    const { number, trigger, startedAt, durationMs, outcome, status, code, nextAttemptAt } = fieldsOf(each);
    return {
      number: integer(number, 1) ?? index + 1,
      trigger: plain(trigger) as Attempt['trigger'],
      startedAt: time(startedAt),
      durationMs: typeof durationMs === 'number' && durationMs >= 0 && durationMs < 1e12 ? durationMs : 0,
      outcome: plain(outcome) as Attempt['outcome'],
      ...given({
        status: integer(status, 0),
        code: isGiven(code) ? plain(code) : undefined,
        nextAttemptAt: isGiven(nextAttemptAt) ? time(nextAttemptAt) : undefined,
      }),
    };
  });
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    return JSON.stringify(one) === JSON.stringify(other);
  } catch {
    // No JSON, so it cannot have been kept.
    return false;
  }
}
