import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvError } from '../../../../cli/environment/env-error.ts';
import { readWorkerEnv } from '../../../../cli/environment/worker-config.ts';
import { VERSION } from '../../../../contract/version.ts';
import type { Env } from '../../../../temporal-server/env.ts';

// An own HOME: a developer's Temporal profile must not get into the test.
const HOME = mkdtempSync(join(tmpdir(), 'topcalls-env-'));
const good: Env = {
  HOME,
  XDG_CONFIG_HOME: HOME,
  TOPCALLS_ARTIFACTS_URL: 'https://calls.internal/api',
  TOPCALLS_DATABASE_URL: 'none',
};

function problemsOf(env: Env): EnvError['problems'] {
  try {
    readWorkerEnv(env);
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
    throw error;
  }
  return [];
}

describe('the worker environment', () => {
  test('with artifact source and delivery log chosen, everything else has a default', () => {
    expect(readWorkerEnv(good)).toEqual({
      temporal: { address: '127.0.0.1:7233', namespace: 'default', connection: { address: '127.0.0.1:7233' } },
      taskQueue: 'topcalls-webhooks',
      artifacts: { baseUrl: 'https://calls.internal/api', token: undefined },
      secretsFile: undefined,
      checkOpenRuns: true,
      egress: {},
      logLevel: 'info',
      healthPort: undefined,
      readyRequires: [],
      metricsAddress: undefined,
      metricsEndpoints: 0,
    });
  });

  test('every variable arrives where it belongs', () => {
    const env = readWorkerEnv({
      ...good,
      TOPCALLS_DATABASE_URL: 'postgres://u@db/log',
      TEMPORAL_ADDRESS: 'temporal:7233',
      TEMPORAL_NAMESPACE: 'calls',
      TOPCALLS_GRPC_COMPRESSION: 'gzip',
      TOPCALLS_TASK_QUEUE: 'webhooks-eu',
      TOPCALLS_ARTIFACTS_TOKEN: 'tok-1',
      TOPCALLS_SECRETS_FILE: '/run/secrets/webhooks.json',
      TOPCALLS_CHECK_OPEN_RUNS: 'false',
      TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
      TOPCALLS_EGRESS_ALLOW_CIDRS: '10.20.0.0/16, fd00::/16',
      TOPCALLS_EGRESS_DENY_CIDRS: '203.0.112.0/24',
      TOPCALLS_EGRESS_ALLOW_HOSTS: 'localhost crm.internal',
      TOPCALLS_EGRESS_ALLOWED_PORTS: '443,8443',
      TOPCALLS_EGRESS_NAT64_PREFIXES: '64:ff9b::/96',
      TOPCALLS_LOG_LEVEL: 'debug',
      TOPCALLS_HEALTH_PORT: '8080',
      TOPCALLS_READY_REQUIRES: 'log, secrets,artifacts',
      TOPCALLS_METRICS_ADDRESS: '0.0.0.0:9464',
      TOPCALLS_METRICS_ENDPOINTS: '20',
    });
    expect(env.temporal).toMatchObject({ address: 'temporal:7233', namespace: 'calls', compression: 'gzip' });
    expect(env).toMatchObject({
      taskQueue: 'webhooks-eu',
      artifacts: { baseUrl: 'https://calls.internal/api', token: 'tok-1' },
      secretsFile: '/run/secrets/webhooks.json',
      checkOpenRuns: false,
      egress: {
        allowHttp: true,
        allowCidrs: ['10.20.0.0/16', 'fd00::/16'],
        denyCidrs: ['203.0.112.0/24'],
        allowHosts: ['localhost', 'crm.internal'],
        allowedPorts: [443, 8443],
        nat64Prefixes: ['64:ff9b::/96'],
      },
      logLevel: 'debug',
      healthPort: 8080,
      readyRequires: ['log', 'secrets', 'artifacts'],
      metricsAddress: '0.0.0.0:9464',
      metricsEndpoints: 20,
    });
  });

  test.each([
    ['log', { TOPCALLS_DATABASE_URL: 'none' }],
    ['secrets', {}],
    ['artifacts', { TOPCALLS_ARTIFACTS_URL: 'none' }],
    ['database', {}],
    ['log;secrets', {}],
  ])('readiness cannot require %s, which this worker does not have', (ports, change) => {
    expect(problemsOf({ ...good, ...change, TOPCALLS_READY_REQUIRES: ports })).toMatchObject([
      { variable: 'TOPCALLS_READY_REQUIRES', received: JSON.stringify(ports) },
    ]);
  });

  test('a variable that is empty counts as unset', () => {
    const env = readWorkerEnv({ ...good, TOPCALLS_TASK_QUEUE: '', TOPCALLS_HEALTH_PORT: '', TEMPORAL_ADDRESS: '' });
    expect(env).toMatchObject({ taskQueue: 'topcalls-webhooks', healthPort: undefined });
    expect(env.temporal.address).toBe('127.0.0.1:7233');
  });

  test('a worker without an artifact source has to say so with the word none', () => {
    expect(readWorkerEnv({ ...good, TOPCALLS_ARTIFACTS_URL: 'none' }).artifacts).toBeUndefined();
    expect(problemsOf({ HOME, TOPCALLS_DATABASE_URL: 'none' })).toEqual([
      {
        variable: 'TOPCALLS_ARTIFACTS_URL',
        received: 'nothing',
        allowed: "the http(s) base URL of your calls API without credentials, query or fragment, or the word 'none'",
        fix: "set it, e.g. https://calls.internal/api; with 'none' bodies carry no recording, transcript or summary",
      },
    ]);
  });

  test.each([undefined, ''])('a worker without a delivery log has to say so with the word none, not by %j', (url) => {
    const { database } = readWorkerEnv({ ...good, TOPCALLS_DATABASE_URL: 'postgres://u@db/log' });
    expect(database).toEqual({ connectionString: 'postgres://u@db/log' });
    expect(readWorkerEnv(good).database).toBeUndefined();
    expect(problemsOf({ ...good, TOPCALLS_DATABASE_URL: url })).toEqual([
      {
        variable: 'TOPCALLS_DATABASE_URL',
        received: 'nothing',
        allowed: "postgres://user:password@host:5432/database of the delivery log, or the word 'none'",
        fix: "name the database; with 'none' outcomes are in Temporal only, and end with its retention",
      },
    ]);
  });

  test.each(['None', 'none ', 'no', 'mysql://u:hush@db/log', 'nonesuch'])('%j is no delivery log', (url) => {
    expect(problemsOf({ ...good, TOPCALLS_DATABASE_URL: url })).toMatchObject([
      { variable: 'TOPCALLS_DATABASE_URL', received: 'a value that is not shown here' },
    ]);
  });

  test('a worker has a version if its deployment has a name; its build is this package’s version unless it is named', () => {
    expect(readWorkerEnv(good).version).toBeUndefined();
    const named = { ...good, TOPCALLS_DEPLOYMENT_NAME: 'webhooks-eu' };
    expect(readWorkerEnv(named).version).toEqual({ deploymentName: 'webhooks-eu', buildId: VERSION });
    const built = readWorkerEnv({ ...named, TOPCALLS_BUILD_ID: '0.2.0-rc.1+4b6f1ab' });
    expect(built.version).toEqual({ deploymentName: 'webhooks-eu', buildId: '0.2.0-rc.1+4b6f1ab' });
  });

  test('a build id without a deployment is refused, since it would be ignored', () => {
    expect(problemsOf({ ...good, TOPCALLS_BUILD_ID: '7' })).toMatchObject([
      {
        variable: 'TOPCALLS_DEPLOYMENT_NAME',
        received: 'nothing, beside TOPCALLS_BUILD_ID="7"',
        fix: 'name the deployment that TOPCALLS_BUILD_ID belongs to, or unset both',
      },
    ]);
  });

  test.each([
    ['TOPCALLS_DEPLOYMENT_NAME', 'a.b'],
    ['TOPCALLS_DEPLOYMENT_NAME', 'a:b'],
    ['TOPCALLS_DEPLOYMENT_NAME', '__x'],
    ['TOPCALLS_DEPLOYMENT_NAME', 'x'.repeat(101)],
    ['TOPCALLS_BUILD_ID', 'a b'],
    ['TOPCALLS_BUILD_ID', 'a:b'],
    ['TOPCALLS_BUILD_ID', '$(id)'],
  ])('%s=%s is refused here, and not by the server at the first poll', (variable, value) => {
    const named = { ...good, TOPCALLS_DEPLOYMENT_NAME: 'webhooks', [variable]: value };
    expect(problemsOf(named)).toMatchObject([{ variable, received: JSON.stringify(value) }]);
  });

  test('who is told of failing deliveries: nobody, the log, or a URL with the reference of its secret', () => {
    expect(readWorkerEnv(good).deliveryEvents).toBeUndefined();
    expect(readWorkerEnv({ ...good, TOPCALLS_NOTIFY_URL: 'log' }).deliveryEvents).toBe('log');
    const url = 'http://alerts.internal:8080/hook?token=1';
    expect(readWorkerEnv({ ...good, TOPCALLS_NOTIFY_URL: url }).deliveryEvents).toEqual({ url });
    const signed = { ...good, TOPCALLS_NOTIFY_URL: url, TOPCALLS_NOTIFY_SECRET_REF: 'ops' };
    expect(readWorkerEnv(signed).deliveryEvents).toEqual({ url, secretRef: 'ops' });
  });

  test.each([
    'Log',
    'ops.example.com',
    'ftp://ops.example.com/',
    'https://me:hush@ops.example.com/',
    'http://169.254.169.254/',
  ])('%j is nowhere to tell of failing deliveries, and is not shown', (url) => {
    expect(problemsOf({ ...good, TOPCALLS_NOTIFY_URL: url })).toMatchObject([
      { variable: 'TOPCALLS_NOTIFY_URL', received: 'a value that is not shown here' },
    ]);
  });

  test('every bad variable is named in one error, with what came, what is allowed and what to do', () => {
    const env: Env = {
      ...good,
      TOPCALLS_LOG_LEVEL: 'loud',
      TOPCALLS_HEALTH_PORT: '80a',
      TOPCALLS_METRICS_ADDRESS: '9464',
      TOPCALLS_METRICS_ENDPOINTS: '21',
      TOPCALLS_EGRESS_ALLOW_HTTP: 'yes',
    };
    expect(problemsOf(env).map(({ variable }) => variable)).toEqual([
      'TOPCALLS_EGRESS_ALLOW_HTTP',
      'TOPCALLS_LOG_LEVEL',
      'TOPCALLS_HEALTH_PORT',
      'TOPCALLS_METRICS_ADDRESS',
      'TOPCALLS_METRICS_ENDPOINTS',
    ]);
    expect(() => readWorkerEnv(env)).toThrow(
      '  - TOPCALLS_HEALTH_PORT: received "80a"; allowed: a whole number 1–65535; unset it for no health endpoint',
    );
  });

  test.each(['0', '65536', '0x50', '8e3', ' 80', '-1', '1.5'])('%j is no port', (port) => {
    expect(problemsOf({ ...good, TOPCALLS_HEALTH_PORT: port })).toHaveLength(1);
  });

  test.each([
    ['TOPCALLS_EGRESS_ALLOW_CIDRS', '10.0.0.0/7'],
    ['TOPCALLS_EGRESS_DENY_CIDRS', '10.1.2.3/8'],
    ['TOPCALLS_EGRESS_ALLOW_HOSTS', 'http://crm.internal'],
    ['TOPCALLS_EGRESS_ALLOWED_PORTS', '443,https'],
    ['TOPCALLS_EGRESS_ALLOWED_PORTS', '0x50'],
    ['TOPCALLS_EGRESS_ALLOWED_PORTS', '8e1'],
    ['TOPCALLS_EGRESS_ALLOWED_PORTS', '443.0'],
    ['TOPCALLS_EGRESS_NAT64_PREFIXES', '10.0.0.0/8'],
  ])('%s=%s is refused here by the rules of the egress guard', (variable, value) => {
    expect(problemsOf({ ...good, [variable]: value })).toMatchObject([{ variable, received: JSON.stringify(value) }]);
  });

  test('a misspelt egress variable is refused, since it would leave a network open', () => {
    expect(problemsOf({ ...good, TOPCALLS_EGRESS_DENY_CIDR: '10.0.0.0/8' })).toMatchObject([
      { variable: 'TOPCALLS_EGRESS_DENY_CIDR', fix: 'correct the name or unset it' },
    ]);
  });

  test('a TOPCALLS variable that no command reads is named beside the other problems', () => {
    expect(problemsOf({ ...good, TOPCALLS_DATABSE_URL: 'postgres://x', TOPCALLS_LOG_LEVEL: 'loud' })).toMatchObject([
      { variable: 'TOPCALLS_LOG_LEVEL' },
      { variable: 'TOPCALLS_DATABSE_URL', allowed: 'TOPCALLS_DATABASE_URL, the nearest known name' },
    ]);
  });

  test('a token with a line break is refused and not shown', () => {
    const env = { ...good, TOPCALLS_ARTIFACTS_TOKEN: 'very-secret\n' };
    expect(problemsOf(env)).toMatchObject([{ received: 'a value that is not shown here' }]);
    expect(() => readWorkerEnv(env)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('very-') }),
    );
  });

  test('credentials in the artifact URL are refused and not shown', () => {
    const env = { ...good, TOPCALLS_ARTIFACTS_URL: 'https://me:very-secret@calls.internal' };
    expect(JSON.stringify(problemsOf(env))).toContain('TOPCALLS_ARTIFACTS_URL');
    expect(JSON.stringify(problemsOf(env))).not.toContain('very-secret');
  });

  test('address and namespace come from a Temporal profile where no variable says otherwise', () => {
    const file = join(HOME, 'temporal.toml');
    writeFileSync(file, '[profile.eu]\naddress = "eu.example.com:7233"\nnamespace = "calls"\n');
    const env = { ...good, TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'eu' };
    expect(readWorkerEnv(env).temporal).toMatchObject({ address: 'eu.example.com:7233', namespace: 'calls' });
    expect(readWorkerEnv({ ...env, TEMPORAL_NAMESPACE: 'tests' }).temporal.namespace).toBe('tests');
  });

  test('a Temporal profile that does not exist is a problem beside the others', () => {
    expect(problemsOf({ ...good, TEMPORAL_PROFILE: 'nope', TOPCALLS_LOG_LEVEL: 'loud' })).toMatchObject([
      { variable: 'TOPCALLS_LOG_LEVEL' },
      { variable: 'TEMPORAL_*', received: expect.stringContaining("'nope'") },
    ]);
  });

  test('a profile file that does not parse is reported without its lines', () => {
    const file = join(HOME, 'broken.toml');
    writeFileSync(file, '[profile.default]\napi_key = "very-secret\n');
    const text = JSON.stringify(problemsOf({ ...good, TEMPORAL_CONFIG_FILE: file }));
    expect(text).toContain('TEMPORAL_*');
    expect(text).not.toContain('very-secret');
  });
});
