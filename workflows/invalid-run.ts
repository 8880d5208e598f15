/** Ends a run that was started with an input no client of ours sends. It would stand still for ever, or hold up the
 *  worker. */
import { ApplicationFailure } from '@temporalio/workflow';
import { FAILURE_TYPES } from '../contract/names.ts';
import { problemOfInput } from '../contract/run-input-problem.ts';

/** Throws the failure `InvalidRun`, in words, where the workflow cannot work with `input`. */
export function checkInput(about: 'call' | 'campaign', input: unknown): void {
  const problem = problemOfInput(about, input);
  if (problem !== undefined) throw invalidRun(problem);
}

/** The failure that ends such a run. It is not retried. */
export function invalidRun(problem: string): ApplicationFailure {
  const fix = 'report calls by the activity reportCall or by WebhookClient, see docs/any-language.md';
  const failure = ApplicationFailure.create({
    type: FAILURE_TYPES.invalidRun,
    nonRetryable: true,
    message: `this run cannot be worked with: ${problem}; ${fix}`,
  });
  failure.stack = '';
  return failure;
}
