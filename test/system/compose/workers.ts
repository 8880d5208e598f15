/** Several workers on one task queue: each does a part, and all of them stop without spending an attempt. */
import { setTimeout as delay } from 'node:timers/promises';
import { WebhookClient } from '../../../client/index.ts';
import { aFailedCall } from '../../support/builders.ts';
import { readLog } from '../../support/log-file.ts';
import type { ReceiverLine } from '../../support/receiver-lines.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Docker } from '../image/docker.ts';
import type { Check } from '../topology/checks.ts';
import type { Engine } from '../topology/installation.ts';
import type { Project } from './project.ts';

const WORKERS = 'webhooks-worker';

/** Whether each worker has made attempts. */
export async function checkScaled(docker: Docker, { containers }: Project): Promise<readonly Check[]> {
  const logs = await Promise.all((await containers(WORKERS)).map((id) => docker(['logs', id])));
  const attempts = logs.map((log) => log.split('webhook.attempted').length - 1);
  const ok = attempts.length === 3 && attempts.every((count) => count > 0);
  return [{ what: 'each of three workers has made attempts', ok, seen: attempts.join(', ') }];
}

/** `docker stop` of all workers while a receiver takes its time; then they start again. */
export async function stopInPost(
  docker: Docker,
  { compose, containers, inspect, healthy }: Project,
  { client, hook, secretRef }: Engine,
  log: string,
): Promise<readonly Check[]> {
  const slow = hook('').replace('/answers/', '/slow');
  const call = aFailedCall({ call_id: `stop-${Date.now()}`, webhook_url: slow, secret_ref: secretRef });
  const handle = await new WebhookClient(client).callEnded(call);
  if (handle === undefined) throw new Error('the call started no run');
  const lines = (): readonly ReceiverLine[] => readLog<ReceiverLine>(log);
  const arrived = await waitFor('the POST to arrive', () =>
    lines().find((line) => line.type === 'arrived' && line.callId === call.call_id),
  );
  const n = arrived.type === 'arrived' ? arrived.n : 0;
  const isAnswered = lines().some((line) => line.type === 'answering' && line.n === n);
  const ids = await containers(WORKERS);
  // The file's own stop_grace_period.
  await compose(['stop', WORKERS]);
  const codes = await Promise.all(ids.map((id) => inspect(id, '{{.State.ExitCode}}')));
  const fates = lines().flatMap((line) => (line.type === 'ended' && line.n === n ? [line.fate] : []));
  await docker(['start', ...ids]);
  await healthy(WORKERS, ids.length);
  const result = await Promise.race([handle.result(), delay(60_000, undefined, { ref: false })]);
  const attempts = result?.deliveries[0]?.attempts.length ?? 0;
  return [
    { what: 'the POST was in flight at docker stop', ok: !isAnswered, seen: isAnswered ? 'answered before' : 'yes' },
    { what: 'docker stop: the POST ends', ok: fates.join() === 'whole', seen: fates.join() || 'no end' },
    { what: 'docker stop: every worker ends with 0', ok: codes.every((code) => code === '0'), seen: codes.join(', ') },
    {
      what: 'started again: delivered, with no second attempt',
      ok: result?.state === 'delivered' && attempts === 1,
      seen: `${result?.state ?? 'running'}, ${attempts} attempt`,
    },
  ];
}
