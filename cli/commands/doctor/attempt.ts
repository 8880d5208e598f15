/** One look that may fail: the doctor tells the failure, and goes on. */
import { oneLine } from '../../../contract/shown-text.ts';
import { endOf } from '../../process/exit.ts';
import type { Problem, Seen } from './facts.ts';

/** What `work` saw, or why it could not. */
export async function attempt<T>(work: () => Promise<T> | T): Promise<Seen<T>> {
  try {
    return { is: 'there', seen: await work() };
  } catch (error) {
    return { is: 'broken', problem: problemOf(error) };
  }
}

function problemOf(error: unknown): Problem {
  const { exitCode, words } = endOf(error);
  const { code } = error as { readonly code?: unknown };
  // Only the first line: a bug of ours has a stack, which the doctor does not show.
  return { code: typeof code === 'string' ? code : 'failed', words: oneLine(words.split('\n')[0] ?? ''), exitCode };
}
