/** How invalid input is refused: one error class that lists every problem with its field, the kind of value and the
 *  rule. */
import * as z from 'zod';
import { kindOf } from '../canonical-json.ts';
import { nearMisses } from '../repairs/near-misses.ts';
import type { Refused } from '../repairs/promised.ts';

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

/** The report that was read. Throws `InvalidInputError` if it cannot be sent. `named` names it by its id, as far as that
 *  could be read. */
export function unlessRefused<T extends object>(report: T | Refused, named: (id: string | undefined) => string): T {
  if ('refusals' in report) throw new InvalidInputError(named(report.id), report.refusals);
  return report;
}

/** Checks input and returns it in its parsed form. `what` names the input in the error, e.g. "ended call". Throws
 *  `InvalidInputError`. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const { data, problems } = checkInput(schema, input);
  if (problems.length > 0) throw new InvalidInputError(what, problems);
  return data as z.output<S>;
}

/** The parsed input, or everything that is wrong with it. Never throws, also where a getter of the input does. */
export function checkInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
): { readonly data?: z.output<S>; readonly problems: readonly InputProblem[] } {
  try {
    const parsed = schema.safeParse(input, { reportInput: true });
    if (parsed.success) return { data: parsed.data, problems: [] };
    return { problems: parsed.error.issues.map((issue) => unknownKeys(schema, issue) ?? problemOf(issue)) };
  } catch {
    return { problems: [{ field: 'the input', problem: `${kindOf(input)}: reading it throws an error` }] };
  }
}

/** Names the known fields beside an unknown one, which is mostly a typing error. */
function unknownKeys(schema: z.ZodType, issue: z.core.$ZodIssue): InputProblem | undefined {
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0 || !(schema instanceof z.ZodObject)) return undefined;
  const known = Object.keys(schema.shape);
  const near = nearMisses(issue.keys, known, known).map(({ key, meant }) => `${JSON.stringify(key)} means ${meant}`);
  const unknown = issue.keys.map((key) => JSON.stringify(key)).join(', ');
  const allowed = near.length > 0 ? `perhaps ${near.join(', ')}` : `known are ${known.join(', ')}`;
  return { field: 'the input', problem: `no field ${unknown}; ${allowed}` };
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
    // A wrong word is told by the list of words. The other forms, such as a list of them, only confuse.
    const isWord = issue.errors.every(([first]) => first?.code === 'invalid_value' || first?.code === 'invalid_type');
    const words = issue.errors.flat().find((each) => each.code === 'invalid_value' && each.path.length === 0);
    if (isWord && words !== undefined && typeof issue.input === 'string') return ruleOf(words);
    const inner = issue.errors.flat().find((each) => each.code !== 'invalid_value');
    return inner === undefined ? issue.message : ruleOf(inner);
  }
  return issue.message;
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
