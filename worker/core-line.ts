/**
 * Log lines of the SDK's native core. It prints its own structures into them: histories, commands, failures. Parts of
 * payloads are in those, and a failure quotes what could not be parsed. So only ids pass of its fields. Of a failure its
 * class passes, and its words if they are safe.
 */
import { withoutQuotedJson } from '../contract/decoding-problem.ts';

/** Ids, and where a line comes from. */
const FIELDS: ReadonlySet<string> = new Set([
  'sdkComponent',
  'target',
  'namespace',
  'taskQueue',
  'workflowId',
  'workflowType',
  'runId',
  'activityId',
  'activityType',
  'attempt',
  'workerIdentity',
]);

/** Classes of errors whose messages quote no payload. */
const SAFE_ERRORS = [
  'DeterminismViolationError',
  'IllegalStateError',
  'PayloadDecryptionError',
  'RangeError',
  'ReferenceError',
  'TypeError',
  'ValueError',
];

const MAX_MESSAGE = 500;

/** The fields of a line that pass. */
export function coreFields(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(metadata).filter(([name]) => FIELDS.has(name));
  const { failure } = metadata;
  return { ...Object.fromEntries(kept), ...(typeof failure === 'string' ? failureFields(failure) : {}) };
}

/** The words of a line up to the first structure. */
export function coreMessage(message: string): string {
  const [words = ''] = message.split(/\{|\b\w+\(|: ?\[/, 1);
  return words === message ? message : `${words}…`;
}

/** `text` is a failure as Rust prints structures: texts in it stand in quotes, with `\"` and `\n`. */
function failureFields(text: string): Record<string, unknown> {
  const [message, source, stack] = ['message', 'source', 'stack_trace'].map((name) => fieldIn(text, name));
  if (message === undefined) return { errorName: 'failure' };
  const words = withoutQuotedJson(message.replaceAll('\\"', '"')).slice(0, MAX_MESSAGE);
  // The core's own words, such as those of a history that does not fit the code.
  if (source === '' && stack === '') return { errorName: 'core', errorMessage: coreMessage(words) };
  const name = SAFE_ERRORS.find((each) => {
    const head = `${each}: ${message}`;
    return stack?.startsWith(head) === true || stack?.includes(`\\n\\n${head}`) === true;
  });
  return name === undefined ? { errorName: 'failure' } : { errorName: name, errorMessage: words };
}

/** The first text of this name. Inside another text its quotes would be escaped. */
function fieldIn(text: string, name: string): string | undefined {
  return new RegExp(`\\b${name}: "((?:[^"\\\\]|\\\\.)*)"`, 's').exec(text)?.[1];
}
