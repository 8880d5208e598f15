/** Readers of option values, for commander. It turns an InvalidArgumentError into a usage error with these words. */
import { InvalidArgumentError } from 'commander';
import { MAX_CANCEL_REASON } from '../../contract/limits.ts';
import { ID_RULE, isId } from '../../contract/workflow-id.ts';

/** A call, campaign or account id, as search attributes hold it. */
export function readId(text: string): string {
  if (!isId(text)) throw new InvalidArgumentError(`An id is ${ID_RULE}.`);
  return text;
}

/** A count from 1 up. */
export function readCount(text: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 up.');
  return Number(text);
}

/** The reason of a cancel. A longer one would be refused for each webhook alone. */
export function readCancelReason(text: string): string {
  if (text.length > MAX_CANCEL_REASON) throw new InvalidArgumentError(`At most ${MAX_CANCEL_REASON} characters.`);
  return text;
}

/** Seconds, from 1 to an hour. */
export function readSeconds(text: string): number {
  const seconds = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > 3_600) throw new InvalidArgumentError('Give a whole number of seconds from 1 to 3600.');
  return seconds;
}
