/** Plays docker-compose.yml from its images to its last check, and takes everything down again. */
import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startArtifactsApi } from '../../support/artifacts-api.ts';
import { startCustomerServers } from '../../support/customer-servers.ts';
import { readLog } from '../../support/log-file.ts';
import type { ReceiverLine } from '../../support/receiver-lines.ts';
import { playInFolder } from '../../support/system-run.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { SECRET_REF } from '../../support/system-stage.ts';
import { openDocker, openNetwork } from '../image/docker.ts';
import { buildImage } from '../image/run.ts';
import type { Check } from '../topology/checks.ts';
import { playControl } from '../topology/control.ts';
import type { Engine } from '../topology/installation.ts';
import { playMainJob } from '../topology/main-job.ts';
import { openProject, PROJECT } from './project.ts';
import type { Project } from './project.ts';
import { checkMonitoring } from './monitoring.ts';
import { provideImages } from './stand-ins.ts';
import { checkScaled, stopInPost } from './workers.ts';

type Options = { readonly calls: number; readonly built: boolean };
type Shown = { readonly say: (line: string) => void; readonly live: (line: string) => void };

/** The services that run once. */
const ONCE = ['temporal-schema', 'temporal-namespace', 'webhooks-setup', 'webhooks-database'];

/** Resolves with the checks; undefined after Ctrl-C. Rejects where a part does not come up. */
export function playCompose(options: Options, shown: Shown): Promise<readonly Check[] | undefined> {
  const tidy = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return playInFolder({ name: 'compose', say: shown.say, tidy }, (run) => play(run, options, shown));
}

async function play(run: SystemRun, { calls, built }: Options, shown: Shown): Promise<readonly Check[]> {
  const docker = await openDocker(run);
  if (!built) await buildImage(run, docker, 'topcalls-webhooks');
  const gateway = await openNetwork(run, docker, PROJECT);
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const secrets = join(run.folder, 'secrets.json');
  writeFileSync(secrets, JSON.stringify({ [SECRET_REF]: secret }));
  // The image's user is another one than ours.
  chmodSync(secrets, 0o644);
  const artifacts = await startArtifactsApi({ host: gateway });
  run.closers.push(() => artifacts.close());
  const customers = await startCustomerServers(run, { seed: 1, secret, host: gateway });
  const settings = { WEBHOOK_SECRETS_FILE: secrets, TOPCALLS_ARTIFACTS_URL: artifacts.url };
  const project = await openProject(run, docker, { gateway, settings });

  const images = new Set((await project.compose(['config', '--images'])).split('\n'));
  images.delete('topcalls-webhooks');
  const made = await provideImages(run, docker, [...images].toSorted());
  run.say(`stand-ins made here: ${made.join(', ') || 'none'}`);

  run.say('docker compose up');
  await project.compose(['up', '--detach', '--no-build', 'webhooks-worker', 'temporal-ui']);
  await project.healthy('webhooks-worker', 1);
  const engine = await engineOf(run, project, { receiver: customers.hooks.receiver, log: customers.log });
  const came = await checkUp(project, engine);
  const alone = await playMainJob(engine, calls, shown);
  shown.say('an operator: retryNow, redeliver, cancel');
  const control = await playControl(engine);

  shown.say('docker compose up --scale webhooks-worker=3');
  await project.compose([
    'up',
    '--detach',
    '--no-build',
    '--no-recreate',
    '--scale',
    'webhooks-worker=3',
    'webhooks-worker',
  ]);
  await project.healthy('webhooks-worker', 3);
  const scaled = await playMainJob(engine, calls, shown);
  const shared = await checkScaled(docker, project);
  shown.say('the profile monitoring');
  const monitoring = await checkMonitoring(project);
  shown.say('docker stop of all workers in the middle of a POST');
  const stopped = await stopInPost(docker, project, engine, customers.log);
  const named = (name: string, checks: readonly Check[]): Check[] =>
    checks.map(({ what, ...seen }) => ({ what: `${name}: ${what}`, ...seen }));
  return [
    ...came,
    ...named('one worker', alone.checks),
    ...control,
    ...named('three workers', scaled.checks),
    ...shared,
    ...monitoring,
    ...stopped,
  ];
}

/** What the main job needs: a client of the server in its container, and commands inside a worker's container. */
async function engineOf(
  run: SystemRun,
  { containers, inspect, compose }: Project,
  { receiver, log }: { readonly receiver: string; readonly log: string },
): Promise<Engine> {
  const [server = ''] = await containers('temporal');
  const ip = await inspect(server, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');
  const connection = await Connection.connect({ address: `${ip}:7233` });
  run.closers.push(() => connection.close());
  return {
    client: new Client({ connection }),
    secretRef: SECRET_REF,
    hook: (answers) => `${receiver}/answers/${answers}`,
    posts: () => readLog<ReceiverLine>(log).filter((line) => line.type === 'arrived'),
    db: async (...args) =>
      JSON.parse(await compose(['exec', '-T', 'webhooks-worker', 'node', 'dist/cli/main.js', 'db', ...args, '--json'])),
  };
}

async function checkUp({ containers, inspect, compose }: Project, { client }: Engine): Promise<readonly Check[]> {
  const ends = await Promise.all(
    ONCE.map(async (service) => {
      const [id = ''] = await containers(service);
      return `${service} ${await inspect(id, '{{.State.ExitCode}}')}`;
    }),
  );
  const schedules: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) schedules.push(scheduleId);
  const ui = await compose([
    'exec',
    '-T',
    'webhooks-worker',
    'node',
    '-e',
    "fetch('http://temporal-ui:8233/namespaces/default/workflows').then((r) => console.log(r.status))",
  ]);
  return [
    { what: 'what runs once has ended well', ok: ends.every((end) => end.endsWith(' 0')), seen: ends.join(', ') },
    { what: 'setup has made the Schedules of the routine', ok: schedules.length === 2, seen: schedules.join(', ') },
    { what: 'the Web UI answers', ok: ui === '200', seen: ui },
  ];
}
