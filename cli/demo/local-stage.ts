/**
 * The stage of `demo` and `dev`: a Temporal server, found or started, our worker in this process, and a receiver in
 * another. What was opened is closed again in the reverse order, also when opening fails half-way.
 */
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import pino from 'pino';
import type { ArtifactSource } from '../../activities/ports/artifact-source.ts';
import { MemoryDeliveryLog } from '../../adapters/memory.ts';
import { StaticSecrets } from '../../adapters/static-secrets.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/server-names.ts';
import { createWebhookWorker, LOOPBACK_EGRESS, temporalLogger } from '../../worker/index.ts';
import { startDemoReceiver } from './receiver-process.ts';
import type { DemoReceiver } from './receiver-process.ts';
import type { ReceivedWebhook } from './receiver-messages.ts';
import { findOrStartTemporal } from '../../temporal-server/find-or-start.ts';
import type { FindOptions, FoundTemporal } from '../../temporal-server/find-or-start.ts';
import {
  applySearchAttributes,
  planSearchAttributes,
  SearchAttributeClashError,
} from '../commands/setup/search-attributes.ts';
import { openNativeConnection } from '../environment/open-native-connection.ts';
import { screenText } from '../process/screen-text.ts';
import type { Terminal } from '../process/terminal.ts';

const SECRET_REF = 'local';

/** An open stage. */
export type LocalStage = {
  readonly temporal: FoundTemporal;
  readonly client: Client;
  readonly receiver: DemoReceiver;
  /** False when the server does not take our search attributes. */
  readonly searchAttributes: boolean;
  /** The one signing secret, made for this stage. The receiver checks with it. */
  readonly secret: string;
  /** The reference of the secret, for a call's `secret_ref`. */
  readonly secretRef: string;
  /** Resolves when the worker has stopped. Rejects when it failed. */
  readonly running: Promise<void>;
  /** Address of a run in the Web UI; its workflow id when no Web UI is known. */
  readonly linkTo: (workflowId: string) => string;
  /** Lets attempts in flight end, then closes everything. A server that ran before stays. */
  close(): Promise<void>;
};

/** What to open. */
export type LocalStageOptions = {
  readonly terminal: Terminal;
  readonly taskQueue: string;
  readonly artifacts: ArtifactSource;
  readonly onRequest: (webhook: ReceivedWebhook) => void;
  readonly server?: Pick<FindOptions, 'port' | 'uiPort' | 'dbFile' | 'reuse'>;
};

/** Opens the stage. Rejects as `findOrStartTemporal` and `startDemoReceiver` do; then nothing stays up. */
export async function openLocalStage(options: LocalStageOptions): Promise<LocalStage> {
  const closers: Array<() => Promise<void>> = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    return { ...(await open(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  { terminal, taskQueue, artifacts, onRequest, server }: LocalStageOptions,
  closers: Array<() => Promise<void>>,
): Promise<Omit<LocalStage, 'close'>> {
  const { env } = terminal;
  const onProgress = (line: string): void => terminal.say(terminal.colors.dim(line));
  const temporal = await findOrStartTemporal({
    ...server,
    env,
    onProgress,
    ui: true,
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  closers.push(() => temporal.stop());
  const { namespace } = temporal;
  const connection = await Connection.connect(temporal.connection);
  closers.push(() => connection.close());
  const searchAttributes = temporal.started || (await haveSearchAttributes(connection, namespace, onProgress));

  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const receiver = await startDemoReceiver({ env, secret, onRequest });
  closers.push(() => receiver.stop());

  // Errors only: the demo shows events in its own words, and its 503 answers are no news for a log.
  const logger = pino({ level: 'error', hooks: { streamWrite: screenText } }, pino.destination(2));
  // Without signals of its own the runtime leaves the order of closing to us.
  Runtime.install({ logger: temporalLogger(logger), shutdownSignals: [] });
  const native = await openNativeConnection(temporal.connection);
  closers.push(() => native.close());
  const worker = await createWebhookWorker({
    connection: native,
    namespace,
    taskQueue,
    artifacts,
    logger,
    secrets: new StaticSecrets({ [SECRET_REF]: secret }),
    log: new MemoryDeliveryLog(),
    egress: LOOPBACK_EGRESS,
  });
  const running = worker.run();
  closers.push(async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    // The owner of the stage hears of a failure through `running`. Here only its end counts.
    await running.catch(() => {});
  });
  const client = new Client({ connection, namespace });
  const linkTo = (workflowId: string): string =>
    temporal.webUiUrl === undefined
      ? workflowId
      : `${temporal.webUiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
  return { temporal, client, receiver, searchAttributes, secret, secretRef: SECRET_REF, running, linkTo };
}

/** A server that ran before may lack our attributes. If it does not take them, the runs go without. */
async function haveSearchAttributes(
  connection: Connection,
  namespace: string,
  onProgress: (line: string) => void,
): Promise<boolean> {
  try {
    const added = await applySearchAttributes(connection, await planSearchAttributes(connection, namespace));
    if (added.length > 0) onProgress(`added search attributes to namespace ${namespace}: ${added.join(', ')}`);
    return true;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (!(error instanceof SearchAttributeClashError) && code !== 'SEARCH_ATTRIBUTE_SETUP') throw error;
    onProgress(`${(error as Error).message} Going on without search attributes.`);
    return false;
  }
}
