/**
 * The configuration of the stand-alone worker: TEMPORAL_* as every Temporal tool reads them, TOPCALLS_* by
 * worker-schema.ts. The environment comes as an argument. One error names everything that is wrong with it.
 */
import type { NotifyEndpoint } from '../../activities/ports/delivery-events.ts';
import { allowsLoopback, parseEgressOptions, type EgressOptions } from '../../contract/egress/policy.ts';
import { given } from '../../contract/given.ts';
import { VERSION } from '../../contract/version.ts';
import { EnvError, type EnvProblem } from './env-error.ts';
import { unknownVariables } from './known-variables.ts';
import { workerEnvSchema, type WorkerVariables } from './worker-schema.ts';
import {
  VARIABLE_WORDS,
  type GrpcCompression,
  type LOG_LEVELS,
  type RequiredPort,
  type VariableWords,
  type WorkerVariable,
} from './worker-variables.ts';
import { type Env, filled } from '../../temporal-server/env.ts';
import { LOCAL_TEMPORAL, PROFILE_FIX, readTemporalProfile, whyUnreadable } from '../../temporal-server/profile.ts';
import type { TemporalConnectionOptions } from '../../temporal-server/profile.ts';

/** The worker's configuration. */
export type WorkerEnv = {
  readonly temporal: {
    /** Default 127.0.0.1:7233. */
    readonly address: string;
    readonly namespace: string;
    /** For `NativeConnection.connect`: the address, and TLS, key and headers of a profile. */
    readonly connection: TemporalConnectionOptions;
    /** Undefined: as `openNativeConnection` chooses. */
    readonly compression: GrpcCompression | undefined;
  };
  readonly taskQueue: string;
  /** The version as which the worker polls. Undefined: it polls without versions. */
  readonly version: WorkerVersion | undefined;
  /** Undefined when TOPCALLS_ARTIFACTS_URL is `none`: bodies then never carry artifacts. */
  readonly artifacts: { readonly baseUrl: string; readonly token: string | undefined } | undefined;
  /** Path for `readSecretsFile`. Undefined: every secret reference is unknown, so deliveries with one are refused. */
  readonly secretsFile: string | undefined;
  /** Whether the worker refuses to start when it cannot read the open runs. */
  readonly checkOpenRuns: boolean;
  /** Undefined when TOPCALLS_DATABASE_URL is `none`: outcomes are kept in Temporal only. */
  readonly database: { readonly connectionString: string; readonly schema?: string } | undefined;
  readonly egress: EgressOptions;
  /** Who is told of failing deliveries. Undefined: nobody. */
  readonly deliveryEvents: 'log' | NotifyEndpoint | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Undefined: no health endpoint. */
  readonly healthPort: number | undefined;
  /** Ports without which the worker is not ready. */
  readonly readyRequires: readonly RequiredPort[];
  /** `host:port` to bind for Prometheus. Undefined: no metrics endpoint. */
  readonly metricsAddress: string | undefined;
  /** How many endpoints get a label in the metrics; 0: none. */
  readonly metricsEndpoints: number;
};

/** One build of the workers of a deployment. Runs that it begins stay with it. */
export type WorkerVersion = { readonly deploymentName: string; readonly buildId: string };

const OUR_VARIABLES = Object.keys(VARIABLE_WORDS) as WorkerVariable[];

/** Reads the worker's configuration. An empty variable counts as unset. Throws EnvError that names every bad variable.
 *  `readWorkerEnv({ TOPCALLS_ARTIFACTS_URL: 'none', TOPCALLS_DATABASE_URL: 'none' }).taskQueue` →
 *  `'topcalls-webhooks'` */
export function readWorkerEnv(env: Env): WorkerEnv {
  const parsed = workerEnvSchema.safeParse(Object.fromEntries(OUR_VARIABLES.map((name) => [name, filled(env[name])])));
  const profile = readProfileOrProblem(env);
  const bad = parsed.success ? [] : parsed.error.issues.map((issue) => String(issue.path[0]) as WorkerVariable);
  const problems = [
    ...[...new Set(bad)].map((name) => problemOf(name, filled(env[name]))),
    ...unknownVariables(env),
    ...('problem' in profile ? [profile.problem] : []),
  ];
  if (!parsed.success || 'problem' in profile || problems.length > 0) throw new EnvError(problems);
  const { data } = parsed;
  const egress = egressOf(data);
  refuseLoopbackInProduction(env, egress);
  refuseAbsentPorts(data);
  const address = profile.address ?? LOCAL_TEMPORAL;
  const url = data.TOPCALLS_ARTIFACTS_URL;
  return {
    temporal: {
      address,
      namespace: profile.namespace,
      connection: { ...profile.connection, address },
      compression: data.TOPCALLS_GRPC_COMPRESSION,
    },
    taskQueue: data.TOPCALLS_TASK_QUEUE,
    version: versionOf(data),
    artifacts: url === 'none' ? undefined : { baseUrl: url, token: data.TOPCALLS_ARTIFACTS_TOKEN },
    secretsFile: data.TOPCALLS_SECRETS_FILE,
    checkOpenRuns: data.TOPCALLS_CHECK_OPEN_RUNS,
    database: databaseOf(data.TOPCALLS_DATABASE_URL, data.TOPCALLS_DATABASE_SCHEMA),
    egress,
    deliveryEvents: deliveryEventsOf(data),
    logLevel: data.TOPCALLS_LOG_LEVEL,
    healthPort: data.TOPCALLS_HEALTH_PORT,
    readyRequires: data.TOPCALLS_READY_REQUIRES,
    metricsAddress: data.TOPCALLS_METRICS_ADDRESS,
    metricsEndpoints: data.TOPCALLS_METRICS_ENDPOINTS,
  };
}

function egressOf(data: WorkerVariables): EgressOptions {
  return given({
    allowHttp: data.TOPCALLS_EGRESS_ALLOW_HTTP,
    allowCidrs: data.TOPCALLS_EGRESS_ALLOW_CIDRS,
    denyCidrs: data.TOPCALLS_EGRESS_DENY_CIDRS,
    allowHosts: data.TOPCALLS_EGRESS_ALLOW_HOSTS,
    allowedPorts: data.TOPCALLS_EGRESS_ALLOWED_PORTS,
    nat64Prefixes: data.TOPCALLS_EGRESS_NAT64_PREFIXES,
  });
}

/** In production an open loopback would let a customer's URL reach the services beside the worker. */
function refuseLoopbackInProduction(env: Env, egress: EgressOptions): void {
  if (env['NODE_ENV'] !== 'production' || !allowsLoopback(parseEgressOptions(egress))) return;
  throw new EnvError([
    {
      variable: 'TOPCALLS_EGRESS_ALLOW_CIDRS',
      received: `${JSON.stringify(egress.allowCidrs?.join(','))} with NODE_ENV=production`,
      allowed: 'in production no range that reaches this machine itself (127.0.0.0/8, 0.0.0.0/8, ::1)',
      fix: 'remove these ranges, or unset NODE_ENV for development',
    },
  ]);
}

/** A port that the worker does not have would never be up. */
function refuseAbsentPorts(data: WorkerVariables): void {
  const absent = data.TOPCALLS_READY_REQUIRES.filter(
    (name) =>
      (name === 'artifacts' && data.TOPCALLS_ARTIFACTS_URL === 'none') ||
      (name === 'log' && data.TOPCALLS_DATABASE_URL === 'none') ||
      (name === 'secrets' && data.TOPCALLS_SECRETS_FILE === undefined),
  );
  if (absent.length > 0) throw new EnvError([problemOf('TOPCALLS_READY_REQUIRES', absent.join(','))]);
}

/** A build id alone would be ignored, and the worker would poll without versions. */
function versionOf({ TOPCALLS_DEPLOYMENT_NAME: name, TOPCALLS_BUILD_ID: buildId }: WorkerVariables) {
  if (name !== undefined) return { deploymentName: name, buildId: buildId ?? VERSION };
  if (buildId === undefined) return undefined;
  const { received, ...words } = problemOf('TOPCALLS_DEPLOYMENT_NAME', undefined);
  const fix = 'name the deployment that TOPCALLS_BUILD_ID belongs to, or unset both';
  throw new EnvError([{ ...words, received: `${received}, beside TOPCALLS_BUILD_ID=${JSON.stringify(buildId)}`, fix }]);
}

function deliveryEventsOf(data: WorkerVariables): WorkerEnv['deliveryEvents'] {
  const { TOPCALLS_NOTIFY_URL: url, TOPCALLS_NOTIFY_SECRET_REF: secretRef } = data;
  if (url === undefined || url === 'log') return url;
  return { url, ...given({ secretRef }) };
}

function databaseOf(connectionString: string, schema: string | undefined): WorkerEnv['database'] {
  if (connectionString === 'none') return undefined;
  return { connectionString, ...given({ schema }) };
}

function problemOf(variable: WorkerVariable, value: string | undefined): EnvProblem {
  const { allowed, fix, hidden }: VariableWords = VARIABLE_WORDS[variable];
  const received =
    value === undefined ? 'nothing' : hidden === true ? 'a value that is not shown here' : JSON.stringify(value);
  return { variable, received, allowed, fix };
}

function readProfileOrProblem(env: Env): ReturnType<typeof readTemporalProfile> | { readonly problem: EnvProblem } {
  try {
    return readTemporalProfile(env);
  } catch (error) {
    return {
      problem: {
        variable: 'TEMPORAL_*',
        received: `settings that cannot be read (${whyUnreadable(error)})`,
        allowed: 'what https://docs.temporal.io/develop/environment-configuration describes',
        fix: PROFILE_FIX,
      },
    };
  }
}
