/** How a test ends an attempt, and what the delivery activity would make of it. Pure. */
import { verdictOf, type Verdict } from '../activities/http/verdict.ts';
import type { Delivery } from '../contract/delivery.ts';
import type { Attempt } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import { FAILURE_TYPES } from '../contract/names.ts';

/** How an attempt ends: with the receiver's HTTP status, or without an answer.
 *  - `{ outcome: 'network', code: 'connect_refused' }`, `{ outcome: 'timeout', code: 'timeout' }`: the ladder goes on
 *  - `{ outcome: 'refused', code: 'address' }`: our own rules forbid the request, and the delivery ends
 *  - `{ outcome: 'not_sent', code: 'secret_store_down' }`: our own side cannot send; the attempt is not spent
 *  Reason codes: docs/errors.md. */
export type FakeAnswer =
  | number
  | { readonly outcome: 'network' | 'timeout' | 'refused' | 'not_sent'; readonly code: string };

/** What an attempt reports of its end. */
export type Outcome = Pick<Attempt, 'outcome' | 'status' | 'code'>;

const OUTCOMES: readonly unknown[] = ['network', 'timeout', 'refused', 'not_sent'];

/** The end of an attempt that gets this answer. Throws TypeError for what is no answer: a test would go on with a run
 *  that no real one can be like. */
export function outcomeOf(answer: FakeAnswer): Outcome {
  if (typeof answer !== 'number') {
    checkOptionNames('answer', answer, ['outcome', 'code']);
    if (OUTCOMES.includes(answer.outcome) && typeof answer.code === 'string') return answer;
    throw new TypeError(`answer: pass an HTTP status, or { outcome, code } with outcome ${OUTCOMES.join(', ')}`);
  }
  if (!Number.isInteger(answer) || answer < 200 || answer > 599) {
    throw new TypeError(`answer: ${answer} is no status that ends an attempt; allowed are 200 to 599`);
  }
  const isTaken = answer >= 200 && answer < 300;
  return { outcome: isTaken ? 'delivered' : 'http', status: answer, code: `http_${answer}` };
}

/** What becomes of the delivery then. One that has waited for us too often spends the attempt. */
export function verdictFor(delivery: Delivery, { outcome, status, code = '' }: Outcome): Verdict {
  const verdict = verdictOf({ outcome, code, ...given({ status }) });
  return verdict === 'not_sent' && delivery.spendsNotSent ? 'retry' : verdict;
}

/** The type of the failure with which the activity ends. */
export const FAILURE_TYPE_OF: Readonly<Record<Exclude<Verdict, 'delivered'>, string>> = {
  retry: FAILURE_TYPES.attemptFailed,
  gone: FAILURE_TYPES.endpointGone,
  refused: FAILURE_TYPES.deliveryRefused,
  not_sent: FAILURE_TYPES.notSent,
};
