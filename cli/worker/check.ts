/**
 * Runs `worker --check`: looks at everything that a worker needs, and polls nothing. Each check is a line on stdout. A
 * failed check stops only those that need it, so one run names every problem.
 */
import { shellWord } from '../../client/shell-word.ts';
import type { Connection } from '@temporalio/client';
import { currentOfQueue } from '../../client/task-queue.ts';
import { findDeployment, setCurrentCommand, statusOf, versionName } from '../../client/worker-versions.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/server-names.ts';
import { oneLine } from '../../contract/shown-text.ts';
import { VERSION } from '../../contract/version.ts';
import { filled } from '../../temporal-server/env.ts';
import { withLog } from '../commands/db/open.ts';
import { planSearchAttributes, SearchAttributeClashError } from '../commands/setup/search-attributes.ts';
import { certificateEndsAt } from '../environment/client-certificate.ts';
import { readEncryptionKeys } from '../environment/encryption-keys.ts';
import { connect } from '../environment/open-connection.ts';
import { SecretsFile } from '../environment/secrets-file.ts';
import { readStorage } from '../environment/storage-module.ts';
import { readWorkerEnv, type WorkerEnv } from '../environment/worker-config.ts';
import { counted } from '../process/counted.ts';
import { CliError, endOf, EXIT, type ExitCode } from '../process/exit.ts';
import type { Terminal } from '../process/terminal.ts';

/** Checks and prints. Resolves with 0 when a worker could start, else with the exit code of the first failed check.
 *  2: environment, secrets or keys. 3: no server answers. 1: anything else. */
export async function checkWorker(terminal: Terminal): Promise<ExitCode> {
  const report = new Report(terminal);
  const config = await report.check('environment', async () => {
    const read = readWorkerEnv(terminal.env);
    return { result: read, words: `topcalls-webhooks ${VERSION}, task queue ${read.taskQueue}` };
  });
  if (config === undefined) {
    report.leave(
      'secrets file, encryption keys, server, namespace, search attributes, version, database, schema, delivery events',
    );
    return report.exitCode;
  }
  const secrets = await report.check('secrets file', async () => secretsOf(config));
  await report.check('encryption keys', async () => ({ words: keysInWords(terminal) }));
  if (filled(terminal.env['TOPCALLS_STORAGE_MODULE']) !== undefined)
    await report.check('external storage', async () => ({ words: await storageInWords(terminal) }));
  await checkServer(report, config);
  await checkDatabase(report, config, terminal);
  if (config.deliveryEvents === undefined) return report.exitCode;
  if (config.secretsFile !== undefined && secrets === undefined) report.leave('delivery events');
  else await report.check('delivery events', async () => ({ words: eventsInWords(config, secrets) }));
  return report.exitCode;
}

function secretsOf({ secretsFile }: WorkerEnv): { readonly result?: SecretsFile; readonly words: string } {
  if (secretsFile === undefined) return { words: 'none: every webhook with a secret_ref would be refused' };
  const result = new SecretsFile(secretsFile);
  return { result, words: `${secretsFile}, ${counted(result.references, 'reference')}` };
}

/** Where the host is told. Throws CliError for a reference without a secret: every event would then wait for it. */
export function eventsInWords(
  { deliveryEvents: told, secretsFile }: Pick<WorkerEnv, 'deliveryEvents' | 'secretsFile'>,
  secrets: SecretsFile | undefined,
): string {
  if (told === undefined || told === 'log') return 'log lines';
  const to = `POSTs to ${new URL(told.url).host}`;
  if (told.secretRef === undefined) return `${to}, not signed`;
  if (secrets?.forEndpoint(told.secretRef) !== undefined) return `${to}, signed`;
  const where = secretsFile === undefined ? 'there is no TOPCALLS_SECRETS_FILE' : `${secretsFile} does not have it`;
  const problem = `TOPCALLS_NOTIFY_SECRET_REF names a reference without a secret: ${where}`;
  throw new CliError('notify_secret', EXIT.usage, `${problem}; add the secret, or unset it for an unsigned POST`);
}

function keysInWords({ env }: Terminal): string {
  const keys = readEncryptionKeys(env);
  return keys === undefined ? 'none: payloads are not encrypted' : `${keys.options.activeKeyId} encrypts`;
}

async function storageInWords({ env }: Terminal): Promise<string> {
  const { drivers = [], payloadSizeThreshold = 0 } = (await readStorage(env)) ?? {};
  return `${drivers.map(({ name }) => oneLine(name)).join(', ')}, for payloads from ${payloadSizeThreshold} bytes`;
}

async function checkServer(report: Report, { temporal, taskQueue, version }: WorkerEnv): Promise<void> {
  const { address, namespace } = temporal;
  const connection = await connect(temporal.connection, temporal).catch((error: unknown) => {
    // A server that refuses the namespace answers all the same.
    const isNamespace = error instanceof CliError && error.exitCode !== EXIT.noServer;
    if (isNamespace) report.passed('server', address);
    report.failed(isNamespace ? 'namespace' : 'server', error);
    report.leave(isNamespace ? 'search attributes, version' : 'namespace, search attributes, version');
  });
  if (connection === undefined) return;
  const until = certificateEndsAt(temporal.connection);
  report.passed('server', until === undefined ? address : `${address}, client certificate until ${until}`);
  report.passed('namespace', namespace);
  try {
    await report.check('search attributes', async () => {
      const { missing, clashes } = await planSearchAttributes(connection, namespace);
      if (clashes.length > 0) throw new SearchAttributeClashError(namespace, clashes);
      const names = Object.keys(missing);
      if (names.length === 0) return { words: `all ${Object.keys(SEARCH_ATTRIBUTES).length}` };
      const setup = `topcalls-webhooks setup --namespace ${shellWord(namespace)}`;
      const fix = `run ${setup}, or say searchAttributes: false in the client`;
      throw new CliError('search_attributes_missing', EXIT.failed, `missing: ${names.join(', ')}; ${fix}`);
    });
    await report.check('version', async () => ({
      words: await versionInWords(connection, namespace, taskQueue, version),
    }));
  } finally {
    await connection.close();
  }
}

/** What a worker of this environment would be for. A new version is no failure: it is made current after its start. */
async function versionInWords(
  { workflowService }: Connection,
  namespace: string,
  taskQueue: string,
  version: WorkerEnv['version'],
): Promise<string> {
  if (version === undefined) {
    const current = await currentOfQueue(workflowService, namespace, taskQueue);
    if (current === undefined) return 'none: runs go on with whatever worker is there';
    const fix = 'set TOPCALLS_DEPLOYMENT_NAME, or make workers without versions current (--unversioned)';
    throw new CliError(
      'version_missing',
      EXIT.failed,
      `none, and ${current} is current: no webhook would come; ${fix}`,
    );
  }
  const deployment = await findDeployment(workflowService, namespace, version.deploymentName);
  const status = statusOf(deployment, version.buildId);
  const { currentBuildId = 'none' } = deployment ?? {};
  const after = status === 'current' ? '' : `; current is ${currentBuildId}. After its start: `;
  return `${versionName(version)} is ${status}${after}${after && setCurrentCommand(version, namespace)}`;
}

async function checkDatabase(report: Report, { database }: WorkerEnv, { env }: Terminal): Promise<void> {
  if (database === undefined) {
    report.passed('database', 'none: outcomes are recorded nowhere');
    return report.leave('schema');
  }
  const status = await report.check('database', () =>
    withLog({ url: database.connectionString }, env, async ({ log, place }) => ({
      result: await log.schemaStatus(),
      words: place,
    })),
  );
  if (status === undefined) return report.leave('schema');
  const { pending, unknown } = status;
  if (unknown.length > 0) return report.passed('schema', `a newer version has applied ${unknown.join(', ')}`);
  if (pending.length === 0) return report.passed('schema', 'up to date');
  return report.passed('schema', `${pending.length} pending: the worker applies ${pending.join(', ')} at its start`);
}

/** One line per check, and the exit code of the first one that failed. */
class Report {
  readonly #terminal: Terminal;
  exitCode: ExitCode = EXIT.ok;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Runs a check. Resolves with its result; undefined when it failed. */
  async check<T>(
    what: string,
    look: () => Promise<{ readonly result?: T; readonly words: string }>,
  ): Promise<T | undefined> {
    try {
      const { result, words } = await look();
      this.passed(what, words);
      return result;
    } catch (error) {
      this.failed(what, error);
      return undefined;
    }
  }

  passed(what: string, words: string): void {
    this.#line('ok', what, words);
  }

  failed(what: string, error: unknown): void {
    const { exitCode, words } = endOf(error);
    if (this.exitCode === EXIT.ok) this.exitCode = exitCode;
    this.#line('failed', what, words);
  }

  /** These were not looked at, because they need what failed, or what is not there. */
  leave(what: string): void {
    this.#line('-', what, 'not checked');
  }

  #line(outcome: string, what: string, words: string): void {
    this.#terminal.data(`${outcome}\t${what}\t${words}`);
  }
}
