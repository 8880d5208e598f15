/** One look that may fail: the doctor tells the failure, and goes on. */
import { grpcCauseOf, statusNameOf } from '../../../client/grpc-answers.ts';
import { given } from '../../../contract/given.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { EnvError, envProblemInWords } from '../../environment/env-error.ts';
import { endOf } from '../../process/exit.ts';
import type { Problem, Seen, Unread } from './facts.ts';

/** What `work` saw, or why it could not. */
export async function attempt<T>(work: () => Promise<T> | T): Promise<Seen<T>> {
  try {
    return { is: 'there', seen: await work() };
  } catch (error) {
    return { is: 'broken', problem: problemOf(error) };
  }
}

/** The part `what` as one that could not be looked at. */
export function unreadOf(what: string, { words, grpcStatus }: Problem): Unread {
  return { what, words, ...given({ grpcStatus }) };
}

/** The problem that an error is. */
export function problemOf(error: unknown): Problem {
  const { exitCode, words } = endOf(error);
  const { code } = error as { readonly code?: unknown };
  const answer = grpcCauseOf(error);
  const grpcStatus = answer === undefined ? {} : { grpcStatus: statusNameOf(answer) };
  if (error instanceof EnvError) {
    // Its first line only introduces the others.
    return { code: error.code, words: oneLine(error.problems.map(envProblemInWords).join('; ')), exitCode };
  }
  if (typeof code === 'string') return { code, words: firstLine(words), exitCode, ...grpcStatus };
  // The SDK's own words say which request failed, and not why.
  const why = answer === undefined ? words : `${statusNameOf(answer)}: ${answer.details}`;
  return { code: 'failed', words: firstLine(why), exitCode, ...grpcStatus };
}

/** A bug of ours has a stack, which the doctor does not show. */
function firstLine(words: string): string {
  return oneLine(words.split('\n')[0] ?? '');
}
