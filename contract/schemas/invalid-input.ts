/** How invalid input is refused: one error class that lists every problem with its field, the kind of value and the
 *  rule. */
import type * as z from 'zod';
import { kindOf } from '../canonical-json.ts';

/** One problem of the input. It never holds the value itself, which may be a phone number or a secret. */
export type InputProblem = { readonly field: string; readonly problem: string };

/** The input was refused. `problems` lists everything that is wrong. Not retryable: fix the input first. */
export class InvalidInputError extends Error {
  readonly code = 'invalid_input';
  readonly retryable = false;
  readonly problems: readonly InputProblem[];

  constructor(what: string, problems: readonly InputProblem[]) {
    super(`${what} refused: ${problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ')}`);
    this.name = 'InvalidInputError';
    this.problems = problems;
  }
}

/** Checks input and returns it in its parsed form. `what` names the input in the error, e.g. "ended call". Throws
 *  `InvalidInputError`. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(what, parsed.error.issues.map(problemOf));
}

/** Turns a zod issue into field, kind of value and rule. */
export function problemOf(issue: z.core.$ZodIssue): InputProblem {
  const field = issue.path.length === 0 ? 'the input' : fieldName(issue.path);
  // A check that looks inside a value names the kind of the inner value itself.
  const named: unknown = issue.code === 'custom' ? issue.params?.['kind'] : undefined;
  const kind = typeof named === 'string' ? named : kindOf(issue.input);
  return { field, problem: `${kind}: ${ruleOf(issue)}` };
}

function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`;
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat().find((each) => each.code !== 'invalid_value');
    return inner === undefined ? issue.message : ruleOf(inner);
  }
  return issue.message;
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
