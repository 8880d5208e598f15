/** Fields of log lines. They hold ids, hosts and messages that others wrote, and people read the lines in terminals.
 *  Pure. */
import { oneLine } from './shown-text.ts';

/** Deep enough for what we log. What lies deeper is left out. */
const MAX_DEPTH = 4;

/** The fields, each text without characters that would drive a terminal. Objects of classes stay as they are: the
 *  logger knows how to print them. */
export function logFields(fields: object): Record<string, unknown> {
  return fieldsIn(fields, 0);
}

function fieldsIn(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [oneLine(name), shown(value, depth + 1)]));
}

function shown(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return oneLine(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((each) => shown(each, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? fieldsIn(value, depth) : value;
}
