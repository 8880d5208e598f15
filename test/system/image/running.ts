/**
 * The image at work: a read-only disk, no rights, a development server and a receiver on this machine. They listen on
 * all addresses, because the container reaches this machine by the address of its network.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient } from '../../../client/index.ts';
import { aFailedCall } from '../../support/builders.ts';
import { startCustomerServers } from '../../support/customer-servers.ts';
import type { CustomerServers } from '../../support/customer-servers.ts';
import { readLog } from '../../support/log-file.ts';
import type { ReceiverLine } from '../../support/receiver-lines.ts';
import { SECRET_REF } from '../../support/system-stage.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { findTemporalCli, startOwnServer } from '../../support/temporal-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Check } from '../topology/checks.ts';
import { openNetwork } from './docker.ts';
import type { Docker } from './docker.ts';

const NAME = 'topcalls-image-test';
/** Everything that a cautious operator takes away. */
const LOCKED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
/** Above the worker's own grace of 25 s, as in docker-compose.yml. */
const STOP_SECONDS = 40;

/** Resolves with the checks. */
export async function checkRunning(run: SystemRun, docker: Docker, tag: string): Promise<readonly Check[]> {
  run.say('a development server and a receiver');
  const gateway = await openNetwork(run, docker, NAME);
  const server = await startOwnServer({
    binary: await findTemporalCli(run.say),
    args: ['--ip', '0.0.0.0'],
  });
  run.closers.push(() => server.stop());
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const secrets = join(run.folder, 'secrets.json');
  writeFileSync(secrets, JSON.stringify({ [SECRET_REF]: secret }));
  // The image's user is another one than ours.
  chmodSync(secrets, 0o644);
  const customers = await startCustomerServers(run, { seed: 1, secret, host: gateway });
  const connection = await Connection.connect({ address: server.address });
  run.closers.push(() => connection.close());

  const environment = {
    TEMPORAL_ADDRESS: server.address.replace('127.0.0.1', gateway),
    TOPCALLS_ARTIFACTS_URL: 'none',
    TOPCALLS_DATABASE_URL: 'none',
    TOPCALLS_SECRETS_FILE: '/run/secrets.json',
    TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
    TOPCALLS_EGRESS_ALLOW_CIDRS: `${gateway}/32`,
  };
  const options = [
    `--network=${NAME}`,
    `--volume=${secrets}:/run/secrets.json:ro`,
    ...LOCKED,
    ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
  ];
  const checked = await docker(['run', '--rm', ...options, tag, 'worker', '--check']);
  run.say('the worker starts');
  await docker(['run', '--detach', '--name', NAME, ...options, tag]);
  run.closers.push(() => docker(['rm', '--force', NAME]));
  const health = (): Promise<string> => docker(['inspect', NAME, '--format', '{{.State.Health.Status}}']);
  await waitFor('the container to be healthy', async () => (await health()) === 'healthy', 60_000);
  const user = await docker(['exec', NAME, 'id', '-u']);
  // A part that needs no check, such as the schema of no database, has a line of its own.
  const failed = checked.split('\n').filter((line) => line.startsWith('failed'));
  return [
    { what: 'worker --check passes', ok: failed.length === 0, seen: failed.join(', ') || 'no line has failed' },
    { what: 'the health check passes, with a read-only disk and no rights', ok: true, seen: await health() },
    { what: 'the worker does not run as root', ok: user === '1000', seen: `user ${user}` },
    ...(await stopInPost(run, docker, { client: new Client({ connection }), customers })),
  ];
}

/** Stops the container while a receiver takes its time, starts it again, and reads how the call ended. */
async function stopInPost(
  run: SystemRun,
  docker: Docker,
  { client, customers }: { readonly client: Client; readonly customers: CustomerServers },
): Promise<readonly Check[]> {
  run.say('docker stop in the middle of a POST');
  const call = aFailedCall({ webhook_url: `${customers.hooks.receiver}/slow`, secret_ref: SECRET_REF });
  const handle = await new WebhookClient(client, { searchAttributes: true }).callEnded(call);
  if (handle === undefined) throw new Error('the call started no run');
  const posts = (): ReceiverLine[] => readLog<ReceiverLine>(customers.log);
  await waitFor('the POST to arrive', async () => posts().some(({ type }) => type === 'arrived'), 60_000);
  const wasAnswered = posts().some(({ type }) => type === 'answering');
  await docker(['stop', '--time', String(STOP_SECONDS), NAME]);
  const exitCode = await docker(['inspect', NAME, '--format', '{{.State.ExitCode}}']);
  const fates = posts().flatMap((line) => (line.type === 'ended' ? [line.fate] : []));
  await docker(['start', NAME]);
  const result = await Promise.race([handle.result(), delay(60_000, undefined, { ref: false })]);
  const attempts = result?.deliveries[0]?.attempts.length ?? 0;
  return [
    { what: 'the POST was in flight at docker stop', ok: !wasAnswered, seen: wasAnswered ? 'answered before' : 'yes' },
    { what: 'docker stop: the POST ends', ok: fates.join() === 'whole', seen: fates.join() || 'no end' },
    { what: 'docker stop: exit code 0', ok: exitCode === '0', seen: `exit code ${exitCode}` },
    {
      what: 'started again: delivered, with no second attempt',
      ok: result?.state === 'delivered' && attempts === 1,
      seen: `${result?.state ?? 'running'}, ${attempts} attempt`,
    },
  ];
}
