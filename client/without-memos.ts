/**
 * Reads lists and descriptions without decoding memos. Our runs have none. A run of somebody else under our workflow
 * type may have one that this client cannot decode, and the SDK would end the whole list there.
 */
import { type Client, WorkflowClient } from '@temporalio/client';
import { ExternalStorage, type Payload, type PayloadCodec, type StorageDriver } from '@temporalio/common';

/** Makes every payload an empty one. */
const EMPTYING: PayloadCodec = {
  encode: (payloads) => Promise.resolve(payloads),
  decode: (payloads) => Promise.resolve(payloads.map((): Payload => NOTHING)),
};

const NOTHING = { metadata: { encoding: Buffer.from('binary/null') } };

const EMPTY: StorageDriver = {
  name: 'nothing',
  type: 'nothing',
  store: () => Promise.resolve([]),
  retrieve: (_context, claims) => Promise.resolve(claims.map((): Payload => NOTHING)),
};

/** Fetches nothing. Without a storage, the SDK would throw where a list or a description has a reference to one. */
class NoStorage extends ExternalStorage {
  override getDriver(): StorageDriver {
    return EMPTY;
  }
}

const NO_STORAGE = new NoStorage({ drivers: [EMPTY] });

const known = new WeakMap<Client, WorkflowClient>();

/** A client for `list`, `count` and `describe` on the same connection. Deadlines of `client` hold for it, too. */
export function withoutMemos(client: Client): WorkflowClient {
  const made = known.get(client) ?? make(client);
  known.set(client, made);
  return made;
}

function make(client: Client): WorkflowClient {
  const { connection, options } = client;
  // A client that a test has made by hand may have no connection.
  if (!isConnection(connection)) return client.workflow;
  const { namespace, identity } = options;
  const dataConverter = { payloadCodecs: [EMPTYING], externalStorage: NO_STORAGE };
  return new WorkflowClient({ connection, namespace, identity, dataConverter });
}

function isConnection(connection: unknown): boolean {
  return typeof connection === 'object' && connection !== null && 'workflowService' in connection;
}
