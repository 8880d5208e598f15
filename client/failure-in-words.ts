/** What a failure that the server keeps says. It may be encrypted, and written by anybody. */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';
import { withoutQuotedJson } from '../contract/decoding-problem.ts';
import { oneLine } from '../contract/shown-text.ts';

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** Longest text of others that is shown, in characters. */
const MAX_WORDS = 300;

/** The message on one line; undefined if there is no failure. Never rejects. */
export async function failureInWords(
  failure: PendingActivity['lastFailure'],
  converter: LoadedDataConverter,
): Promise<string | undefined> {
  try {
    const error = await decodeOptionalFailureToOptionalError(converter, failure);
    return error === undefined ? undefined : shown(withoutQuotedJson(error.message));
  } catch {
    return 'its failure cannot be read with these keys';
  }
}

/** A text of others, cut and on one line. */
export function shown(text: string): string {
  return oneLine(text.slice(0, MAX_WORDS));
}
