/**
 * Runs the stand-alone worker from environment to exit code. It checks everything that can be wrong before it polls:
 * variables, secrets, ports, server, namespace. Then it works until a signal, and lets attempts in flight end.
 */
import { Runtime } from '@temporalio/worker';
import type {
  NativeConnection,
  PrometheusMetricsExporter,
  RuntimeOptions,
  Worker,
  WorkerDeploymentOptions,
} from '@temporalio/worker';
import closeWithGrace from 'close-with-grace';
import pino from 'pino';
import type { Logger } from 'pino';
import type { ActivityPorts } from '../../activities/index.ts';
import type { ArtifactSource } from '../../activities/ports/artifact-source.ts';
import { LogDeliveryEvents } from '../../adapters/delivery-events.ts';
import { HttpArtifactSource } from '../../adapters/http-artifact-source.ts';
import type { PostgresDeliveryLog } from '../../adapters/postgres/delivery-log.ts';
import { StaticSecrets } from '../../adapters/static-secrets.ts';
import { callReports } from '../../client/call-reports.ts';
import { given } from '../../contract/given.ts';
import { SHUTDOWN_GRACE_MS } from '../../contract/limits.ts';
import { VERSION } from '../../contract/version.ts';
import { createWebhookWorker, METRIC_BUCKETS, temporalLogger, webhookWorkerHealth } from '../../worker/index.ts';
import type { WorkerHealthWatch } from '../../worker/index.ts';
import { readDataConverter } from '../environment/data-converter.ts';
import { readEncryptionKeys } from '../environment/encryption-keys.ts';
import { openNativeConnection } from '../environment/open-native-connection.ts';
import { readWorkerEnv } from '../environment/worker-config.ts';
import type { WorkerEnv } from '../environment/worker-config.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { screenText } from '../process/screen-text.ts';
import { crashFacts, toldBy } from './crash-facts.ts';
import { startHealthServer } from './health-server.ts';
import type { Readiness, Standing } from './health-server.ts';
import { requiredPorts } from './required-ports.ts';
import { connect } from '../environment/open-connection.ts';
import type { Env } from '../../temporal-server/env.ts';
import { SecretsFile, type SecretsNews } from '../environment/secrets-file.ts';
import { openWorkerLog } from './delivery-log.ts';
import { maintenanceActivities } from './maintenance-activities.ts';
import { tellVersion, type VersionWatch } from './tell-version.ts';

/** Above the worker's own grace, which ends every attempt. Only a hang of our own code needs it. */
const FORCE_EXIT_MS = SHUTDOWN_GRACE_MS + 10_000;

/** Runs until SIGTERM or SIGINT, which end the process with 0. Calls `listens` once it listens for them itself.
 *  Resolves with 1 when the worker stopped by itself. Rejects with EnvError, CliError or what the worker's options
 *  throw, before it polls. */
export async function runWorker(env: Env, listens: () => void = () => {}): Promise<ExitCode> {
  const config = readWorkerEnv(env);
  const secretsFile = config.secretsFile === undefined ? undefined : new SecretsFile(config.secretsFile);
  const encryption = readEncryptionKeys(env);
  const dataConverter = await readDataConverter(env);
  const logger = pino({
    name: 'topcalls-webhooks',
    level: config.logLevel,
    serializers: { err: crashFacts },
    hooks: { streamWrite: screenText },
  });

  const stopping = new AbortController();
  let worker: Worker | undefined;
  let log: PostgresDeliveryLog | undefined;
  let native: NativeConnection | undefined;
  let watched: WorkerHealthWatch | undefined;
  let version: VersionWatch | undefined;
  const readiness = (): Readiness =>
    stopping.signal.aborted ? 'stopping' : worker?.getState() === 'RUNNING' ? 'running' : 'starting';
  const standing = (): Standing => ({
    state: readiness(),
    health: watched?.read(),
    version: version?.read(),
  });
  const health = config.healthPort === undefined ? undefined : await startHealthServer(config.healthPort, standing);
  const stopWatching = secretsFile?.watch(secretsNews(logger));
  if (secretsFile !== undefined) {
    const { references, fingerprint } = secretsFile;
    logger.info({ references, ...given({ file: fingerprint }) }, 'worker.secrets_loaded');
  }
  const closeAll = async (): Promise<void> => {
    stopWatching?.();
    watched?.stop();
    version?.stop();
    await native?.close();
    await log?.close();
    await health?.close();
  };
  try {
    const { address, namespace, connection, compression } = config.temporal;
    // The SDK's native errors do not tell a missing namespace from a missing server. These errors do.
    await (await connect(connection, { address, namespace })).close();
    log = await openWorkerLog(config.database, logger);
    // Installed only now: a runtime without a connection keeps the process alive, and the SDK cannot end it.
    installRuntime(logger, config);
    native = await openNativeConnection(connection, compression);
    const artifacts = config.artifacts === undefined ? NO_ARTIFACTS : new HttpArtifactSource(config.artifacts);
    const created = await createWebhookWorker({
      connection: native,
      namespace,
      taskQueue: config.taskQueue,
      artifacts,
      secrets: secretsFile ?? new StaticSecrets({}),
      // A choice made in words; the worker warns of it at each start.
      log: log ?? 'none',
      logger,
      egress: config.egress,
      metrics: { endpoints: config.metricsEndpoints },
      ...given({ deliveryEvents: deliveryEventsOf(config, logger) }),
      reports: callReports(),
      checkOpenRuns: config.checkOpenRuns,
      temporal: {
        ...given({ dataConverter, workerDeploymentOptions: deploymentOf(config) }),
        activities: maintenanceActivities(log, logger),
      },
    });
    worker = created;
    const running = created.run();
    const required = requiredPorts(config.readyRequires, { artifacts, secrets: secretsFile, log });
    if (health !== undefined) watched = webhookWorkerHealth(created, { required });
    // So that a worker that says "ready" is ready, also by its probe. A worker that ends meanwhile is told below.
    await Promise.race([watched?.firstLook, running]);
    if (config.secretsFile === undefined) {
      logger.warn(
        { fix: 'set TOPCALLS_SECRETS_FILE' },
        'worker.no_secrets: every webhook with a secret_ref is refused',
      );
    }
    if (encryption?.options.acceptPlain === true) {
      logger.warn(
        { fix: 'remove acceptPlain once every plain run has ended' },
        'worker.accepts_plain: payloads that are not encrypted are read',
      );
    }
    const { taskQueue, healthPort, metricsAddress } = config;
    const encryptionKeyId = encryption?.options.activeKeyId;
    const { deploymentName, buildId } = config.version ?? {};
    const facts = {
      address,
      namespace,
      taskQueue,
      deploymentName,
      buildId,
      encryptionKeyId,
      healthPort,
      metricsAddress,
    };
    logger.info({ version: VERSION, ...facts }, 'worker.ready');
    version = tellVersion(native, config, logger);

    const grace = closeWithGrace(
      { delay: FORCE_EXIT_MS, ...toldBy(logger), skip: ['beforeExit'] },
      async ({ signal, err }) => {
        stopping.abort();
        if (err !== undefined) logger.fatal({ err }, 'worker.crashed');
        logger.info({ signal, graceMs: SHUTDOWN_GRACE_MS }, 'worker.stopping');
        if (created.getState() === 'RUNNING') created.shutdown();
        await running;
        await closeAll();
        logger.info('worker.stopped');
      },
    );
    listens();
    await running;
    // After a signal its handler closes everything in order and ends the process. Nothing may overtake it.
    if (stopping.signal.aborted) return await new Promise<never>(() => {});
    grace.uninstall();
    return EXIT.failed;
  } finally {
    if (!stopping.signal.aborted) await closeAll();
  }
}

/** Throws CliError when it cannot listen on the metrics address, which the SDK binds here. */
function installRuntime(logger: Logger, { metricsAddress }: WorkerEnv): void {
  const options: RuntimeOptions = {
    logger: temporalLogger(logger),
    // Signals are ours: readiness must change before polling stops.
    shutdownSignals: [],
    telemetryOptions: {
      // Otherwise lines of another format would stand between the JSON lines.
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsAddress !== undefined && { metrics: { prometheus: prometheusAt(metricsAddress) } }),
    },
  };
  try {
    Runtime.install(options);
  } catch (error) {
    if (metricsAddress === undefined) throw error;
    const message = `TOPCALLS_METRICS_ADDRESS: cannot listen on ${metricsAddress}: ${(error as Error).message}`;
    throw new CliError('metrics_address', EXIT.failed, message, { cause: error });
  }
}

/** The SDK's bounds for histograms suit its own metrics, not ours. */
function prometheusAt(bindAddress: string): PrometheusMetricsExporter['prometheus'] {
  return { bindAddress, histogramBucketOverrides: METRIC_BUCKETS };
}

/** Pinned: a run stays with the version that began it, so no other workflow code replays it. */
function deploymentOf({ version }: WorkerEnv): WorkerDeploymentOptions | undefined {
  if (version === undefined) return undefined;
  return { useWorkerVersioning: true, version, defaultVersioningBehavior: 'PINNED' };
}

/** Failing deliveries as log lines, or as POSTs to a URL of the operator's. */
function deliveryEventsOf({ deliveryEvents: told }: WorkerEnv, logger: Logger): ActivityPorts['deliveryEvents'] {
  if (told === 'log') return new LogDeliveryEvents(logger);
  if (told !== undefined && told.secretRef === undefined) {
    logger.warn({ fix: 'set TOPCALLS_NOTIFY_SECRET_REF' }, 'worker.notify_unsigned: delivery events are not signed');
  }
  return told;
}

/** A changed secrets file, as log lines. */
function secretsNews(logger: Logger): SecretsNews {
  return {
    reloaded: (facts) => logger.info(facts, 'worker.secrets_reloaded'),
    kept: ({ received, fix }) =>
      logger.error(
        { received, fix },
        'worker.secrets_kept: the secrets file changed and cannot be used; the old ones stay',
      ),
  };
}

/** For TOPCALLS_ARTIFACTS_URL=none: no call waits for artifacts. */
const NO_ARTIFACTS: ArtifactSource = {
  fetch: () => {
    const none = { status: 'unavailable', reason: 'this worker has no artifact source' } as const;
    return Promise.resolve({ recording: none, transcript: none, summary: none });
  },
};
