/** What an operator does to a delivery, on the real server: hurries it, delivers it again, cancels it. */
import type { Client } from '@temporalio/client';
import { WebhookClient } from '../../../client/index.ts';
import type { WebhookHandle, WebhookStatus } from '../../../client/index.ts';
import { aFailedCall } from '../../support/builders.ts';
import type { ArrivedLine } from '../../support/receiver-lines.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Check } from './checks.ts';
import type { Engine } from './installation.ts';

/** A wait that only a retryNow or a cancel ends. */
const LONG_MS = 3_600_000;

/** Plays the three and resolves with the checks. */
export async function playControl(installation: Engine): Promise<Check[]> {
  return [await hurried(installation), await redelivered(installation), ...(await cancelled(installation))];
}

async function hurried(installation: Engine): Promise<Check> {
  const { handle, callId } = await endFailedCall(installation, '503-200');
  await untilState(handle, 'retrying');
  const answer = await handle.retryNow();
  const result = await handle.result();
  const posts = postsOf(installation, callId);
  const ok = answer.accepted && result.state === 'delivered' && posts.length === 2 && areTheSame(posts);
  return {
    what: 'retryNow sends the waiting attempt at once',
    ok,
    seen: `${result.state} after ${posts.length} POSTs`,
  };
}

async function redelivered(installation: Engine): Promise<Check> {
  const { handle, callId } = await endFailedCall(installation, '410-200');
  const first = await handle.result();
  const status = await statusOf(installation.client, handle);
  const { cycle } = await handle.redeliver();
  const second = await handle.result();
  const posts = postsOf(installation, callId);
  const ok =
    first.state === 'gone' &&
    status === 'FAILED' &&
    cycle === 2 &&
    second.state === 'delivered' &&
    (await statusOf(installation.client, handle)) === 'COMPLETED' &&
    posts.length === 2 &&
    areTheSame(posts);
  const seen = `${first.state} (${status}), then ${second.state}`;
  return { what: 'redeliver sends the same id and bytes in a new run', ok, seen };
}

async function cancelled(installation: Engine): Promise<Check[]> {
  const { handle, callId } = await endFailedCall(installation, '503');
  await untilState(handle, 'retrying');
  const { accepted } = await handle.cancel({ reason: 'topology' });
  const result = await handle.result();
  const status = await statusOf(installation.client, handle);
  const ok = accepted && result.state === 'cancelled' && status === 'CANCELLED';
  const { records } = await installation.db('list', '--call', callId);
  const states = records.map(({ state }) => state).join(', ');
  return [
    { what: 'cancel closes the run as Canceled', ok, seen: `${result.state} (${status})` },
    { what: 'the log has the cancelled delivery', ok: states === 'cancelled', seen: states },
  ];
}

/** A call that failed, whose receiver answers so. */
async function endFailedCall(
  { client, hook, secretRef }: Engine,
  answers: string,
): Promise<{ readonly handle: WebhookHandle; readonly callId: string }> {
  const callId = `control-${Date.now()}`;
  const webhooks = new WebhookClient(client, { retryDelaysMs: [LONG_MS] });
  const call = aFailedCall({ call_id: callId, webhook_url: hook(answers), secret_ref: secretRef });
  const handle = await webhooks.callEnded(call);
  if (handle === undefined) throw new Error(`${callId} started no run`);
  return { handle, callId };
}

async function untilState(handle: WebhookHandle, state: WebhookStatus['state']): Promise<void> {
  await waitFor(`${handle.workflowId} to be ${state}`, async () => (await handle.status()).state === state, 30_000);
}

async function statusOf(client: Client, { workflowId }: WebhookHandle): Promise<string> {
  return (await client.workflow.getHandle(workflowId).describe()).status.name;
}

function postsOf({ posts }: Engine, callId: string): ArrivedLine[] {
  return posts().filter((post) => post.callId === callId);
}

function areTheSame(posts: readonly ArrivedLine[]): boolean {
  return new Set(posts.map(({ id, bodySha256 }) => `${id} ${bodySha256}`)).size === 1;
}
