/**
 * Holds deploy/kubernetes, the Dockerfile, docker-compose.yml and docs/production.md together, and against the code: names,
 * ports, times.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { BLOCKED_IPV4, BLOCKED_IPV6, OPEN_IPV6 } from '../../contract/egress/address-table.ts';
import { SHUTDOWN_GRACE_MS } from '../../contract/limits.ts';
import { DEFAULT_TASK_QUEUE } from '../../contract/server-names.ts';
import { VERSION } from '../../contract/version.ts';
import { EXIT } from '../../cli/process/exit.ts';
import { VARIABLE_WORDS } from '../../cli/environment/worker-variables.ts';
import { ROOT } from '../support/source-imports.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const dockerfile = read('Dockerfile');
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string;
        readonly stop_grace_period?: string;
        readonly command?: string[];
        readonly ports?: readonly string[];
      }
    >
  >;
};

type Probe = { readonly httpGet?: { readonly path: string; readonly port: string } };
type Container = {
  readonly image: string;
  readonly args: readonly string[];
  readonly envFrom: readonly Readonly<Record<string, { readonly name: string }>>[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly securityContext: object;
  readonly volumeMounts: readonly object[];
};
type Pod = {
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext: object;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes: readonly object[];
  readonly [more: string]: unknown;
};
type Manifest = {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: object };
  readonly data?: Readonly<Record<string, string>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- each kind has a shape of its own
  readonly spec?: any;
};

const manifests = (file: string): readonly Manifest[] =>
  parseAllDocuments(read(`deploy/kubernetes/${file}`)).map((document) => document.toJS() as Manifest);
const [common, ofWorkers] = manifests('config.yaml').map(({ data = {} }) => data) as [
  Readonly<Record<string, string>>,
  Readonly<Record<string, string>>,
];
const [deployment, budget] = manifests('worker.yaml') as [Manifest, Manifest];
const [versioned, budgetOfAll] = manifests('worker-versioned.yaml') as [Manifest, Manifest];
const [setCurrent] = manifests('set-current.yaml') as [Manifest];
const [doctor] = manifests('doctor.yaml') as [Manifest];
const [setup] = manifests('setup.yaml') as [Manifest];
const [autoscaler] = manifests('autoscaler.yaml') as [Manifest];
const [policy] = manifests('network-policy.yaml') as [Manifest];
const podOf = ({ spec }: Manifest): Pod => spec.template.spec as Pod;
const pods: readonly Pod[] = [deployment, doctor, setup, versioned, setCurrent].map(podOf);
const containers = pods.flatMap((pod) => [...(pod.initContainers ?? []), ...pod.containers]);
const worker = (pods[0] as Pod).containers[0] as Container;

describe('configuration', () => {
  it('has variables that a worker reads', () => {
    const names = [...Object.keys(common), ...Object.keys(ofWorkers)];
    const known = (name: string): boolean =>
      name in VARIABLE_WORDS || ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'NODE_OPTIONS'].includes(name);
    expect(names.filter((name) => !known(name))).toEqual([]);
    expect(read('docs/production.md')).toContain(`TEMPORAL_NAMESPACE=${common['TEMPORAL_NAMESPACE']}\n`);
    const inText = ['worker', 'worker-versioned', 'setup', 'doctor', 'config'].flatMap((file) =>
      [...read(`deploy/kubernetes/${file}.yaml`).matchAll(/\bTOPCALLS_\w+/g)].map(([name]) => name),
    );
    expect(inText.filter((name) => !(name in VARIABLE_WORDS))).toEqual([]);
  });

  it('says what has no default, and keeps what is secret out of manifests', () => {
    expect(Object.keys(common)).toContain('TOPCALLS_ARTIFACTS_URL');
    for (const { envFrom } of containers)
      expect(envFrom).toContainEqual({ secretRef: { name: 'topcalls-webhooks-env' } });
    const hidden = [
      'TOPCALLS_DATABASE_URL',
      'TOPCALLS_ARTIFACTS_TOKEN',
      'TOPCALLS_ENCRYPTION_KEYS',
      'TEMPORAL_API_KEY',
    ];
    expect(hidden.filter((name) => name in common || name in ofWorkers)).toEqual([]);
  });

  it('mounts the secrets file where the variable looks for it', () => {
    const path = common['TOPCALLS_SECRETS_FILE'] ?? '';
    for (const file of ['worker.yaml', 'worker-versioned.yaml', 'doctor.yaml']) {
      expect(read(`deploy/kubernetes/${file}`)).toContain(`mountPath: ${path.slice(0, path.lastIndexOf('/'))},`);
    }
    expect(path.slice(path.lastIndexOf('/') + 1)).toBe('secrets.json');
  });

  it('mounts the certificates where the variables look for them, in every pod', () => {
    const paths = [...read('deploy/kubernetes/config.yaml').matchAll(/# (TEMPORAL_TLS_\w+_PATH): (\S+)/g)];
    expect(paths.map(([, name]) => name)).toEqual([
      'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
      'TEMPORAL_TLS_CLIENT_CERT_PATH',
      'TEMPORAL_TLS_CLIENT_KEY_PATH',
    ]);
    const page = read('docs/production.md');
    for (const [, , path = ''] of paths) {
      expect(page).toContain(`--from-file=${path.replace('/run/temporal-tls/', '')}`);
      for (const { volumeMounts } of containers)
        expect(volumeMounts).toContainEqual({ name: 'temporal-tls', mountPath: dirname(path), readOnly: true });
    }
    // Without TLS there is no such Secret.
    const secret = { secretName: 'topcalls-webhooks-temporal-tls', defaultMode: 0o440, optional: true };
    for (const { volumes } of pods) expect(volumes).toContainEqual({ name: 'temporal-tls', secret });
    expect(page).toContain(`generic ${secret.secretName} `);
  });

  it('leaves a third of the memory to what is outside the heap', () => {
    const heap = Number(/--max-old-space-size=(\d+)/.exec(ofWorkers['NODE_OPTIONS'] ?? '')?.[1]);
    expect(worker.resources.limits.memory).toBe(`${heap * 1.5}Mi`);
  });
});

describe('probes and ports', () => {
  it('ask the worker where it listens', () => {
    const ports = Object.fromEntries(
      (worker.ports ?? []).map(({ name, containerPort }) => [name, String(containerPort)]),
    );
    expect(ports['health']).toBe(ofWorkers['TOPCALLS_HEALTH_PORT']);
    expect(ofWorkers['TOPCALLS_METRICS_ADDRESS']).toBe(`0.0.0.0:${ports['metrics']}`);
    expect(dockerfile).toContain(`TOPCALLS_HEALTH_PORT=${ports['health']}`);
  });

  it('restart by /healthz and roll out by /readyz, both of which the worker answers', () => {
    expect(worker.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'health' });
    expect(worker.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'health' });
    expect(/^HEALTHCHECK[^]*?\n {2}CMD .*$/m.exec(dockerfile)?.[0]).toContain('/healthz`');
    const server = read('cli/worker/health-server.ts');
    for (const path of ['/healthz', '/readyz']) expect(server).toContain(`'${path}'`);
  });

  it('scrape where Prometheus of the compose file does', () => {
    const scraped = read('deploy/prometheus/prometheus.yml');
    expect(scraped).toContain('port: 9464');
    const port = (doctor.spec.template.spec as Pod).containers[0]?.ports?.[0]?.containerPort;
    expect(scraped).toContain(`webhooks-doctor:${port}`);
    const ingress = policy.spec.ingress[0].ports.map((each: { readonly port: number }) => each.port);
    expect(ingress).toEqual([9464, port]);
  });
});

describe('stopping', () => {
  // cli/worker/run.ts ends the process by force 10 s after the grace.
  const forced = SHUTDOWN_GRACE_MS / 1_000 + 10;

  it('waits for longer than the worker takes at most', () => {
    expect((pods[0] as Pod).terminationGracePeriodSeconds).toBeGreaterThan(forced);
    const seconds = parseInt(compose.services['webhooks-worker']?.stop_grace_period ?? '', 10);
    expect(seconds).toBeGreaterThan(forced);
    const unit = read('deploy/systemd/topcalls-webhooks.service');
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(forced);
    expect(unit).toMatch(/^ExecStart=\S+\/node_modules\/\.bin\/topcalls-webhooks worker$/m);
    expect(unit).toContain(`RestartPreventExitStatus=${EXIT.usage}\n`);
  });
});

describe('rights', () => {
  it.each(containers.map((each) => [each.args.join(' '), each] as const))('%s has none', (_, { securityContext }) => {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it.each(pods.map((pod) => [pod] as const))('a pod runs as the user of the image', (pod) => {
    const [, user, group] = /^USER (\d+):(\d+)$/m.exec(dockerfile) ?? [];
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: Number(user),
      runAsGroup: Number(group),
    });
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  });

  it.each(Object.entries(compose.services).filter(([, { image }]) => image === 'topcalls-webhooks'))(
    '%s of the compose file has none either',
    (_name, service) => {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      expect(service).not.toHaveProperty('ports');
    },
  );

  it('and no password of the compose file is of use beyond this machine', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(ports.length).toBeGreaterThan(0);
    expect(compose.services['postgresql']).not.toHaveProperty('ports');
  });

  it('a service of systemd has no right, and the kinds of sockets that a worker needs', () => {
    const unit = read('deploy/systemd/topcalls-webhooks.service');
    for (const line of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=', 'UMask=0077'])
      expect(unit.split('\n')).toContain(line);
    // Without AF_NETLINK the machine's own addresses cannot be read, and every attempt fails.
    expect(unit).toContain('RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK\n');
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute/m);
  });

  it('reach what the address guard allows', () => {
    const blocks = policy.spec.egress.flatMap((rule: { readonly to: readonly { readonly ipBlock?: object }[] }) =>
      rule.to.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock])),
    );
    expect(blocks).toEqual([
      { cidr: '0.0.0.0/0', except: BLOCKED_IPV4.map(({ range }) => range) },
      { cidr: OPEN_IPV6, except: BLOCKED_IPV6.map(({ range }) => range) },
    ]);
  });
});

describe('the parts fit together', () => {
  it('by labels and names', () => {
    const { labels } = deployment.spec.template.metadata;
    expect(deployment.spec.selector.matchLabels).toEqual(labels);
    expect(budget.spec.selector.matchLabels).toEqual(labels);
    expect(doctor.spec.selector.matchLabels).toEqual(doctor.spec.template.metadata.labels);
    expect(labels).toMatchObject(policy.spec.podSelector.matchLabels);
    expect(autoscaler.spec.scaleTargetRef).toMatchObject({ kind: deployment.kind, name: deployment.metadata.name });
    const [, metric] = autoscaler.spec.metrics;
    const rule = read('deploy/kubernetes/prometheus-adapter.yaml');
    expect(rule).toContain(`as: ${metric.external.metric.name} }`);
    expect(rule).toContain(`task_queue="${DEFAULT_TASK_QUEUE}"`);
  });

  it('by versions: a versioned worker is the worker with a version in name, labels and environment', () => {
    const label = { 'app.kubernetes.io/version': VERSION };
    const named = `${deployment.metadata.name}-${VERSION.replaceAll('.', '-')}`;
    expect(versioned.metadata).toEqual({ name: named, labels: { ...deployment.metadata.labels, ...label } });
    const { labels } = versioned.spec.template.metadata;
    expect(labels).toEqual({ ...deployment.spec.template.metadata.labels, ...label });
    expect(versioned.spec.selector.matchLabels).toEqual(labels);
    const pod = podOf(versioned) as Pod & { readonly topologySpreadConstraints: readonly { labelSelector: object }[] };
    expect(pod.topologySpreadConstraints[0]?.labelSelector).toEqual({ matchLabels: labels });
    const env = [
      { name: 'TOPCALLS_DEPLOYMENT_NAME', value: 'webhooks' },
      { name: 'TOPCALLS_BUILD_ID', value: VERSION },
    ];
    expect(pod.containers[0]).toEqual({ ...worker, env });
    const { topologySpreadConstraints: _, ...rest } = podOf(deployment) as Pod & typeof pod;
    expect(pod).toMatchObject({ ...rest, containers: [{}] });
    expect(budgetOfAll).toEqual(budget);

    const [job] = podOf(setCurrent).containers;
    expect(setCurrent.metadata.name).toContain(VERSION.replaceAll('.', '-'));
    expect(job?.args).toEqual(['--deployment-name', 'webhooks', '--build-id', VERSION, '--yes']);
    const tools = /temporalio\/admin-tools:\$\{TEMPORAL_VERSION:-([\d.]+)\}/.exec(read('docker-compose.yml'))?.[1];
    expect(job?.image).toBe(`temporalio/admin-tools:${tools}`);
  });

  it('by commands: the setup Job does what the services of the compose file do', () => {
    const args = setup.spec.template.spec as Pod;
    const commands = [...(args.initContainers ?? []), ...args.containers].map((each) => each.args);
    expect(commands).toEqual([
      compose.services['webhooks-database']?.command,
      compose.services['webhooks-setup']?.command,
    ]);
    expect(doctor.spec.template.spec.containers[0].args).toEqual(compose.services['webhooks-doctor']?.command);
    expect(worker.args).toEqual(compose.services['webhooks-worker']?.command);
  });

  test('by version', () => {
    const { images } = parse(read('deploy/kubernetes/kustomization.yaml')) as {
      readonly images: readonly { readonly name: string; readonly newTag: string }[];
    };
    expect(images).toEqual([{ name: 'topcalls-webhooks', newTag: VERSION }]);
    expect(setup.metadata.name).toBe(`topcalls-webhooks-setup-${VERSION.replaceAll('.', '-')}`);
    expect(new Set(containers.map(({ image }) => image))).toEqual(
      new Set(['topcalls-webhooks', `topcalls-webhooks:${VERSION}`, podOf(setCurrent).containers[0]?.image]),
    );
  });

  it('by resources of the kustomization, which name every file but the Jobs', () => {
    const text = read('deploy/kubernetes/kustomization.yaml');
    for (const file of ['config', 'worker', 'worker-versioned', 'doctor', 'network-policy', 'autoscaler'])
      expect(text).toContain(`- ${file}.yaml`);
  });
});

describe('docs/production.md', () => {
  const page = read('docs/production.md');

  it('names variables that are read', () => {
    const names = [...page.matchAll(/\bTOPCALLS_\w+/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !(name in VARIABLE_WORDS))).toEqual([]);
  });

  it('names commands and scripts that exist', () => {
    const commands = [...page.matchAll(/\btopcalls-webhooks ([a-z][a-z-]*)/g)].map(([, name = '']) => name);
    const main = read('cli/command-list.ts');
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.filter((name) => !main.includes(`${name}Command`) && !main.includes(`/${name}/`))).toEqual([]);
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: object };
    const called = [...page.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(called.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('applies manifests that are there, and waits for the Job that they make', () => {
    const files = [...page.matchAll(/deploy\/kubernetes\/([\w-]+\.yaml)/g)].map(([, file = '']) => file);
    expect(files).toEqual(['config.yaml', 'setup.yaml', 'set-current.yaml']);
    expect(page).toContain(`job/${setup.metadata.name}`);
  });
});
