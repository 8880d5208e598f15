/**
 * Our search attributes on an existing server: compare, add the missing ones, wait until they work. Called by `setup`,
 * once per namespace. A server that the finder starts has them from the beginning.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { REQUEST_TIMEOUT_MS, within } from '../../../client/deadlines.ts';
import { clientErrorOf } from '../../../client/client-error-of.ts';
import { TemporalUnavailableError } from '../../../client/errors.ts';
import { SEARCH_ATTRIBUTES } from '../../../contract/server-names.ts';
import { GRPC } from '../../environment/grpc-status.ts';

/** The two services of the server, each question with a deadline. A `Connection` and a `NativeConnection` both have
 *  them. */
export type SearchAttributeServices = Pick<Connection, 'operatorService' | 'workflowService' | 'withDeadline'>;

/** One attribute with the type the server has and the type we need. */
export type SearchAttributeClash = { readonly name: string; readonly found: string; readonly wanted: string };

/** What one namespace needs. Nothing was changed yet. */
export type SearchAttributePlan = {
  readonly namespace: string;
  readonly present: readonly string[];
  readonly missing: Readonly<Record<string, string>>;
  readonly clashes: readonly SearchAttributeClash[];
};

/** One of our attributes exists with another type. Nothing was added. Calling again does not help. */
export class SearchAttributeClashError extends Error {
  readonly code = 'SEARCH_ATTRIBUTE_CLASH';
  readonly clashes: readonly SearchAttributeClash[];
  constructor(namespace: string, clashes: readonly SearchAttributeClash[]) {
    const list = clashes.map(({ name, found, wanted }) => `${name} is ${found}, needed is ${wanted}`).join('; ');
    super(
      `Search attributes of namespace ${namespace} have other types: ${list}. Nothing was added. ` +
        'Rename or remove them on the server, or run without ours (searchAttributes: false).',
    );
    this.name = 'SearchAttributeClashError';
    this.clashes = clashes;
  }
}

/** The server refused to list or to add, or did not show what it had accepted. */
export class SearchAttributeSetupError extends Error {
  readonly code = 'SEARCH_ATTRIBUTE_SETUP';
  constructor(namespace: string, step: string, reason: string, options?: ErrorOptions) {
    super(
      `Search attributes of namespace ${namespace} could not be ${step}: ${reason}. ` +
        'Free a slot (SQL visibility has 10 of Keyword), ask a person with the right to add them, ' +
        'or run without ours (searchAttributes: false).',
      options,
    );
    this.name = 'SearchAttributeSetupError';
  }
}

// temporal.api.enums.v1.IndexedValueType, by number. 0 is "unspecified".
const TYPE_NAMES = ['UNSPECIFIED', 'TEXT', 'KEYWORD', 'INT', 'DOUBLE', 'BOOL', 'DATETIME', 'KEYWORD_LIST'];

// Ten times the readthroughCacheTTL of server 1.32 (common/namespace/nsregistry), which is also its refresh interval.
const NEW_NAMESPACE_MS = 10_000;

/** Compares the namespace with what we need (default: `SEARCH_ATTRIBUTES`). Changes nothing. If this client may not
 *  list them (Temporal Cloud), and the server takes them in a query, all are present.
 *  Rejects with SearchAttributeSetupError when the server refuses to list, and with TemporalUnavailableError when it
 *  does not answer within 30 s. */
export async function planSearchAttributes(
  services: SearchAttributeServices,
  namespace: string,
  wanted: Readonly<Record<string, string>> = SEARCH_ATTRIBUTES,
): Promise<SearchAttributePlan> {
  const found = await listTypes(services, namespace).catch(async (error: unknown) => {
    const { cause } = error as { readonly cause?: unknown };
    if (mayNotList(cause) && (await whyNotQueryable(services, namespace, wanted)) === undefined) return undefined;
    throw error;
  });
  if (found === undefined) return { namespace, present: Object.keys(wanted), missing: {}, clashes: [] };
  const present: string[] = [];
  const missing: Record<string, string> = {};
  const clashes: SearchAttributeClash[] = [];
  for (const [name, type] of Object.entries(wanted)) {
    const has = found.get(name);
    if (has === undefined) missing[name] = type;
    else if (has === type) present.push(name);
    else clashes.push({ name, found: has, wanted: type });
  }
  return { namespace, present, missing, clashes };
}

/**
 * Adds the missing attributes of the plan and waits until the server lists and queries them, at most `timeoutMs`.
 * Default 60000, because servers refresh their caches about every 10 s. Safe to repeat. Resolves with the names that
 * were added. Rejects with SearchAttributeClashError before any change: for another type the server answers "success"
 * and changes nothing. Rejects with SearchAttributeSetupError when the server refuses, and with
 * TemporalUnavailableError when it does not answer.
 */
export async function applySearchAttributes(
  services: SearchAttributeServices,
  plan: SearchAttributePlan,
  options: { readonly timeoutMs?: number } = {},
): Promise<readonly string[]> {
  const { namespace, missing, clashes } = plan;
  if (clashes.length > 0) throw new SearchAttributeClashError(namespace, clashes);
  const names = Object.keys(missing);
  if (names.length === 0) return names;
  const searchAttributes = Object.fromEntries(names.map((name) => [name, TYPE_NAMES.indexOf(missing[name] ?? '')]));
  // The API and not `temporal operator search-attribute create`, which creates only the first of several names.
  await inTime(services, () => services.operatorService.addSearchAttributes({ namespace, searchAttributes })).catch(
    (error: unknown) => refuse(namespace, 'added', error),
  );
  await untilUsable(services, plan, Date.now() + (options.timeoutMs ?? 60_000));
  return names;
}

async function untilUsable(
  services: SearchAttributeServices,
  plan: SearchAttributePlan,
  deadline: number,
): Promise<void> {
  const { namespace, missing } = plan;
  for (;;) {
    const now = await planSearchAttributes(services, namespace, missing);
    // Two versions of us may run setup at once. The slower one finds the other's types here.
    if (now.clashes.length > 0) throw new SearchAttributeClashError(namespace, now.clashes);
    const absent = Object.keys(now.missing);
    const reason =
      absent.length > 0 ? `${absent.join(', ')} not listed` : await whyNotQueryable(services, namespace, missing);
    if (reason === undefined) return;
    if (Date.now() > deadline) throw new SearchAttributeSetupError(namespace, 'seen after they were added', reason);
    await delay(250);
  }
}

/** Runs a query with them. The list comes from the database; queries and starts use caches that follow later. */
async function whyNotQueryable(
  services: SearchAttributeServices,
  namespace: string,
  attributes: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const query = Object.keys(attributes)
    .map((name) => `${name} IS NULL`)
    .join(' AND ');
  try {
    await inTime(services, () => services.workflowService.listWorkflowExecutions({ namespace, query, pageSize: 1 }));
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

async function listTypes(services: SearchAttributeServices, namespace: string): Promise<ReadonlyMap<string, string>> {
  const listed = await listOnceKnown(services, namespace).catch((error: unknown) => refuse(namespace, 'listed', error));
  const custom = Object.entries(listed.customAttributes ?? {});
  return new Map(custom.map(([name, type]) => [name, TYPE_NAMES[type] ?? `type ${type}`]));
}

/** A server remembers for a second that a namespace did not exist. So `setup` right after `namespace create` could
 *  fail, and did, in a stack that starts its parts one after the other. */
async function listOnceKnown(services: SearchAttributeServices, namespace: string) {
  const deadline = Date.now() + NEW_NAMESPACE_MS;
  for (;;) {
    try {
      return await inTime(services, () => services.operatorService.listSearchAttributes({ namespace }));
    } catch (error) {
      if ((error as { code?: unknown }).code !== GRPC.notFound || Date.now() > deadline) throw error;
      // This asks the database, and rejects when the namespace does not exist at all.
      await inTime(services, () => services.workflowService.describeNamespace({ namespace }));
      await delay(250);
    }
  }
}

/** One question. A server that takes it and stays silent must not hold the command for ever. */
function inTime<T>(services: SearchAttributeServices, ask: () => Promise<T>): Promise<T> {
  return within(services, REQUEST_TIMEOUT_MS, ask);
}

function refuse(namespace: string, step: 'listed' | 'added', error: unknown): never {
  const what = `the search attributes of namespace ${namespace}`;
  const kind = step === 'listed' ? 'read' : 'control';
  const told = clientErrorOf(error, { what, kind, namespace, timeoutMs: REQUEST_TIMEOUT_MS });
  if (told instanceof TemporalUnavailableError) throw told;
  const cloud = mayNotList(error) ? '; in Temporal Cloud, tcld adds them (docs/cloud.md)' : '';
  throw new SearchAttributeSetupError(namespace, step, `${wordsOf(error)}${cloud}`, { cause: error });
}

/** Administration is not for this client: PERMISSION_DENIED, or UNIMPLEMENTED. */
function mayNotList(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return code === GRPC.permissionDenied || code === GRPC.unimplemented;
}

function wordsOf(error: unknown): string {
  const details = (error as { details?: unknown }).details;
  const words = typeof details === 'string' && details !== '' ? details : (error as Error).message;
  return words.replace(/\.$/, '');
}
