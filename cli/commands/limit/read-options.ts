/** Readers of the values of `limit`, for commander. Pure. */
import { InvalidArgumentError } from 'commander';
import { fairnessKeyOf } from '../../../contract/names.ts';
import { isId } from '../../../contract/workflow-id.ts';

const SECONDS = { s: 1, min: 60, h: 3_600 } as const;
/** An attempt an hour is the slowest. The server's own limit of a task queue is the fastest. */
const SLOWEST_PER_SECOND = 1 / SECONDS.h;
const FASTEST_PER_SECOND = 100_000;
const RATE_RULE = 'Give a count per s, min or h, like 50/s, 300/min or 0.5/s: from 1/h to 100000/s.';

/** Per second: `50/s` → 50, `300/min` → 5. */
export function readRate(text: string): number {
  const [, count, unit] = /^([0-9]{1,9}(?:\.[0-9]{1,6})?)\/(s|min|h)$/.exec(text) ?? [];
  const perSecond = Number(count) / SECONDS[(unit ?? 's') as keyof typeof SECONDS];
  // 0 of an account is no limit for the server, and 0 of the queue stops every webhook.
  if (!(perSecond >= SLOWEST_PER_SECOND && perSecond <= FASTEST_PER_SECOND)) throw new InvalidArgumentError(RATE_RULE);
  return perSecond;
}

const WEIGHT_RULE = 'Give an account and its weight from 0.001 to 1000, like acct_big=5.';

/** One value of `--weight`, beside those of before: fairness key → weight. */
export function readWeight(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [, account = '', number] = /^(.*)=([0-9]{1,4}(?:\.[0-9]{1,6})?)$/s.exec(text) ?? [];
  const weight = Number(number);
  if (!isId(account) || !(weight >= 0.001 && weight <= 1_000)) throw new InvalidArgumentError(WEIGHT_RULE);
  const key = keyOf(account);
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`The weight of ${key} is there twice.`);
  return { ...before, [key]: weight };
}

/** One value of `unset --weight`, behind those of before. */
export function readAccount(text: string, before: readonly string[] = []): readonly string[] {
  if (!isId(text)) throw new InvalidArgumentError('Give the id of an account.');
  return [...before, keyOf(text)];
}

/** The server knows an account by its fairness key. */
function keyOf(account: string): string {
  return fairnessKeyOf(account, account);
}

/** The server takes as many characters. */
const MAX_REASON = 1_000;

export function readReason(text: string): string {
  if (text.length > MAX_REASON) throw new InvalidArgumentError(`At most ${MAX_REASON} characters.`);
  return text;
}
