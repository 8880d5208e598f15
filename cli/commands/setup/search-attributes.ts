/**
 * Our search attributes on an existing server: compare, add what is missing, wait until they work. Called once per
 * namespace by `setup`; a server that the finder starts has them from the beginning.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../../contract/names.ts';

/** The two services that are asked. A `Connection` and a `NativeConnection` both have them. */
export type SearchAttributeServices = Pick<Connection, 'operatorService' | 'workflowService'>;

/** One attribute with the type the server has and the type we need. */
export type SearchAttributeClash = { readonly name: string; readonly found: string; readonly wanted: string };

/** What has to happen in one namespace. Nothing was changed yet. */
export type SearchAttributePlan = {
  readonly namespace: string;
  readonly present: readonly string[];
  readonly missing: Readonly<Record<string, string>>;
  readonly clashes: readonly SearchAttributeClash[];
};

/** An attribute of ours exists with another type. Nothing was added. Not curable by calling again. */
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

/** The server refused to list or add, or did not show what it had accepted. */
export class SearchAttributeSetupError extends Error {
  readonly code = 'SEARCH_ATTRIBUTE_SETUP';
  constructor(namespace: string, step: string, reason: string, options?: ErrorOptions) {
    super(
      `Search attributes of namespace ${namespace} could not be ${step}: ${reason}. ` +
        'Free a slot (SQL visibility has 10 Keyword), let someone with the right add them, or run without ours (searchAttributes: false).',
      options,
    );
    this.name = 'SearchAttributeSetupError';
  }
}

// temporal.api.enums.v1.IndexedValueType, by number. 0 is "unspecified".
const TYPE_NAMES = ['UNSPECIFIED', 'TEXT', 'KEYWORD', 'INT', 'DOUBLE', 'BOOL', 'DATETIME', 'KEYWORD_LIST'];

/** Source: grpc/grpc doc/statuscodes.md. */
const GRPC_NOT_FOUND = 5;
// Ten times what server 1.32 remembers (common/namespace/nsregistry: readthroughCacheTTL), and its cache's refresh interval.
const NEW_NAMESPACE_MS = 10_000;

/** Compares the namespace with what we need (default: `SEARCH_ATTRIBUTES`). Changes nothing.
 *  Rejects with SearchAttributeSetupError when the server refuses to list. */
export async function planSearchAttributes(
  services: SearchAttributeServices,
  namespace: string,
  wanted: Readonly<Record<string, string>> = SEARCH_ATTRIBUTES,
): Promise<SearchAttributePlan> {
  const found = await listTypes(services, namespace);
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
 * Adds what the plan says is missing and waits until the server lists and queries it, at most `timeoutMs` (default 60000:
 * servers refresh their caches every 10 s or so). Calling it again is harmless. Resolves with the names that were added.
 * Rejects with SearchAttributeClashError before any change, because the server answers "success" to another type and
 * changes nothing; with SearchAttributeSetupError when it refuses.
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
  // The API and not `temporal operator search-attribute create`: given several names, that creates only the first.
  await services.operatorService
    .addSearchAttributes({ namespace, searchAttributes })
    .catch((error: unknown) => refuse(namespace, 'added', error));
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
    // Two setups at once with two versions of us: the slower one finds the other's types here.
    if (now.clashes.length > 0) throw new SearchAttributeClashError(namespace, now.clashes);
    const absent = Object.keys(now.missing);
    const reason = absent.length > 0 ? `${absent.join(', ')} not listed` : await whyNotQueryable(services, plan);
    if (reason === undefined) return;
    if (Date.now() > deadline) throw new SearchAttributeSetupError(namespace, 'seen after they were added', reason);
    await delay(250);
  }
}

/** A query that names them: the list comes from the database, starts and queries from caches that follow later. */
async function whyNotQueryable(
  services: SearchAttributeServices,
  { namespace, missing }: SearchAttributePlan,
): Promise<string | undefined> {
  const query = Object.keys(missing)
    .map((name) => `${name} IS NULL`)
    .join(' AND ');
  try {
    await services.workflowService.listWorkflowExecutions({ namespace, query, pageSize: 1 });
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

/** A server remembers for a second that a namespace was not there: `setup` right after `namespace create` would find none,
 *  and did, in a stack that starts its parts one after the other. */
async function listOnceKnown({ operatorService, workflowService }: SearchAttributeServices, namespace: string) {
  const deadline = Date.now() + NEW_NAMESPACE_MS;
  for (;;) {
    try {
      return await operatorService.listSearchAttributes({ namespace });
    } catch (error) {
      if ((error as { code?: unknown }).code !== GRPC_NOT_FOUND || Date.now() > deadline) throw error;
      // Asks the database, and rejects where the namespace is not there at all.
      await workflowService.describeNamespace({ namespace });
      await delay(250);
    }
  }
}

function refuse(namespace: string, step: string, error: unknown): never {
  throw new SearchAttributeSetupError(namespace, step, wordsOf(error), { cause: error });
}

function wordsOf(error: unknown): string {
  const details = (error as { details?: unknown }).details;
  const words = typeof details === 'string' && details !== '' ? details : (error as Error).message;
  return words.replace(/\.$/, '');
}
