/** A real Temporal server, two builds of the command, a receiver that notes every POST, the commands of the page. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient } from '../../../client/index.ts';
import type { CallEnded, WebhookHandle } from '../../../client/index.ts';
import { aCall, aFailedCall, SECRET } from '../../support/builders.ts';
import { DIST_CLI, runToEnd, startProcess, type RunningProcess } from '../../support/processes.ts';
import { startReceiver, type Receiver } from '../../support/receiver.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { findTemporalCli, startOwnServer } from '../../support/temporal-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { LOOPBACK_ENV } from '../../support/worker-process.ts';
import { ROOT } from '../../support/source-imports.ts';

/** Whose workflow code a build has. `altered` writes one more key into bodies. */
export type Code = 'first' | 'altered';

/** A worker of a version. */
export type VersionedWorker = RunningProcess & { readonly buildId: string };

/** A call that was reported, for one of the three places where a worker is stopped. */
export type Kind = 'in flight' | 'waiting' | 'settling';

export type Installation = {
  readonly run: SystemRun;
  readonly client: Client;
  readonly receiver: Receiver;
  /** Starts a worker and resolves once it polls. */
  readonly startWorker: (buildId: string, code: Code) => Promise<VersionedWorker>;
  /** Runs our built command with the worker's environment. */
  readonly cli: (...args: readonly string[]) => Promise<{ readonly stdout: string; readonly failed: boolean }>;
  /** Runs a command of docs/upgrade.md, the one that begins so, with these builds in place of 0.1.0 and 0.2.0. */
  readonly fromPage: (start: string, builds: Readonly<Record<string, string>>) => Promise<string>;
  readonly end: (kind: Kind) => Promise<{ readonly call: CallEnded; readonly handle: WebhookHandle }>;
  /** Lets every POST go that the receiver holds. */
  readonly release: () => void;
  /** The bodies that came for a call, in order. */
  readonly bodies: (call: CallEnded) => readonly string[];
};

const NAME = 'webhooks';
/** Temporal looks every few minutes whether a version is drained. The test does not wait for that. */
const SOON = ['VersionDrainageStatusVisibilityGracePeriod', 'VersionDrainageStatusRefreshInterval'].flatMap((name) => [
  '--dynamic-config-value',
  `matching.wv.${name}="2s"`,
]);

export async function openInstallation(run: SystemRun): Promise<Installation> {
  const binary = await findTemporalCli(run.say);
  run.say('a Temporal server');
  const server = await startOwnServer({ binary, args: SOON });
  run.closers.push(() => server.stop());
  const connection = await Connection.connect({ address: server.address });
  run.closers.push(() => connection.close());
  const client = new Client({ connection });
  const receiver = await startReceiver();
  run.closers.push(() => receiver.close());
  const held = new Set<() => void>();
  receiver.answer((response, { body }) => {
    const { call_id: id } = JSON.parse(body) as { readonly call_id: string };
    const isFirst = receiver.requests.filter((request) => request.body.includes(`"${id}"`)).length === 1;
    const answer = (status: number) => () => void response.writeHead(status).end();
    if (id.startsWith('in-flight') && isFirst) held.add(answer(200));
    else answer(id.startsWith('waiting') && isFirst ? 503 : 200)();
  });
  const secrets = join(run.folder, 'secrets.json');
  writeFileSync(secrets, JSON.stringify({ main: SECRET }), { mode: 0o600 });
  const { PATH, HOME } = process.env;
  const env = {
    PATH,
    HOME,
    TEMPORAL_ADDRESS: server.address,
    TOPCALLS_ARTIFACTS_URL: 'none',
    TOPCALLS_DATABASE_URL: 'none',
    TOPCALLS_SECRETS_FILE: secrets,
    ...LOOPBACK_ENV,
  };
  const mains = { first: DIST_CLI, altered: alteredCli(run) };
  const webhooks = new WebhookClient(client, { settleDelayMs: 8_000, retryDelaysMs: [8_000, 8_000] });
  const page = readFileSync(join(ROOT, 'docs/upgrade.md'), 'utf8');
  let workers = 0;
  let calls = 0;
  return {
    run,
    client,
    receiver,
    startWorker: async (buildId, code) => {
      workers += 1;
      const version = { TOPCALLS_DEPLOYMENT_NAME: NAME, TOPCALLS_BUILD_ID: buildId };
      const command = [process.execPath, mains[code], 'worker'];
      const worker = startProcess(run, `worker-${workers}-${buildId}`, command, { env: { ...env, ...version } });
      await waitFor(`worker ${buildId}`, () => /worker\.version_\w+/.test(worker.log()));
      return { ...worker, buildId };
    },
    cli: async (...args) => {
      const ended = await runToEnd('topcalls-webhooks', [process.execPath, DIST_CLI, ...args], env).catch(
        (error: unknown) => error as Error,
      );
      return ended instanceof Error ? { stdout: ended.message, failed: true } : { stdout: ended.stdout, failed: false };
    },
    fromPage: async (start, builds) => {
      const line = page.split('\n').find((each) => each.trim().startsWith(start));
      if (line === undefined) throw new Error(`docs/upgrade.md has no command ${start}`);
      const command = line.trim().replaceAll(/0\.[12]\.0/g, (build) => builds[build] ?? build);
      // As a person pastes it.
      const shell = ['bash', '-c', command.replace(/^temporal\b/, `'${binary}'`)];
      const { stdout, stderr } = await runToEnd(command, shell, env);
      return `${stdout}${stderr}`;
    },
    end: async (kind) => {
      calls += 1;
      const change = {
        call_id: `${kind.replace(' ', '-')}-${calls}`,
        webhook_url: receiver.url,
        expects: { recording: false, transcript: false, summary: false },
      };
      // Only a completed call settles.
      const call = kind === 'settling' ? aCall(change) : aFailedCall(change);
      const handle = await webhooks.callEnded(call);
      if (handle === undefined) throw new Error('nobody subscribed');
      return { call, handle };
    },
    release: () => {
      for (const go of held) go();
      held.clear();
    },
    bodies: ({ call_id: id }) => receiver.requests.map(({ body }) => body).filter((body) => body.includes(`"${id}"`)),
  };
}

/** A copy of the build whose bodies begin with another key. Inside node_modules, so that it finds its packages. */
function alteredCli({ closers }: SystemRun): string {
  const folder = join(ROOT, 'node_modules/.cache', `topcalls-versions-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(ROOT, 'dist'), folder, { recursive: true });
  const bundle = join(folder, 'workflow-bundle.js');
  const code = readFileSync(bundle, 'utf8');
  const altered = code.replace('call_id: call.call_id', 'layout: 2, call_id: call.call_id');
  if (altered === code) throw new Error('the workflow bundle has no body to alter');
  writeFileSync(bundle, altered);
  return join(folder, 'cli/main.js');
}

/** Whose bytes these are. */
export function codeOf(body: string): Code {
  return body.startsWith('{"layout":2,') ? 'altered' : 'first';
}
