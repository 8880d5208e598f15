/** What an operator does to a delivery, on the real server: hurries it, delivers it again, cancels it. */
import { setTimeout as delay } from 'node:timers/promises';
import { built } from './built.mjs';
import { endedCall } from './engine.mjs';
import { SECRET_REF } from './stage.mjs';

const { WebhookClient } = built('client/index');

/** A wait nobody sits through: what goes on was hurried or cancelled. */
const LONG_MS = 3_600_000;

/** Plays the three and resolves with the checks. */
export async function playControl(stage) {
  return [await hurried(stage), await redelivered(stage), ...(await cancelled(stage))];
}

async function hurried({ client, receiver }) {
  const { handle, callId } = await endFailedCall(client, receiver.hook('503-200'));
  await untilState(handle, 'retrying');
  const answer = await handle.retryNow();
  const result = await handle.result();
  const notes = await notesOf(receiver, callId);
  const ok = answer.accepted && result.state === 'delivered' && notes.length === 2 && areTheSame(notes);
  return ['retryNow sends the waiting attempt at once', ok, `${result.state} after ${notes.length} POSTs`];
}

async function redelivered({ client, receiver }) {
  const { handle, callId } = await endFailedCall(client, receiver.hook('410-200'));
  const first = await handle.result();
  const status = await statusOf(client, handle);
  const { cycle } = await handle.redeliver();
  const second = await handle.result();
  const notes = await notesOf(receiver, callId);
  const ok =
    first.state === 'gone' &&
    status === 'FAILED' &&
    cycle === 2 &&
    second.state === 'delivered' &&
    (await statusOf(client, handle)) === 'COMPLETED' &&
    notes.length === 2 &&
    areTheSame(notes);
  return ['redeliver sends the same id and bytes in a new run', ok, `${first.state} (${status}), then ${second.state}`];
}

async function cancelled({ client, receiver, db }) {
  const { handle, callId } = await endFailedCall(client, receiver.hook('503'));
  await untilState(handle, 'retrying');
  const { accepted } = await handle.cancel({ reason: 'topology' });
  const result = await handle.result();
  const status = await statusOf(client, handle);
  const ok = accepted && result.state === 'cancelled' && status === 'CANCELLED';
  const { records } = await db('list', '--call', callId);
  const states = records.map(({ state }) => state).join(', ');
  return [
    ['cancel closes the run as Canceled', ok, `${result.state} (${status})`],
    ['the log has the cancelled delivery', states === 'cancelled', states],
  ];
}

async function endFailedCall(client, webhook_url) {
  const callId = `control-${Date.now()}`;
  const webhooks = new WebhookClient(client, { retryDelaysMs: [LONG_MS] });
  const handle = await webhooks.callEnded(endedCall(callId, 'failed', { webhook_url, secret_ref: SECRET_REF }));
  return { handle, callId };
}

async function untilState(handle, state) {
  for (const deadline = Date.now() + 30_000; ; await delay(100)) {
    const status = await handle.status();
    if (status.state === state) return;
    if (Date.now() > deadline) throw new Error(`${handle.workflowId} is ${status.state}, and was to be ${state}`);
  }
}

async function statusOf(client, { workflowId }) {
  return (await client.workflow.getHandle(workflowId).describe()).status.name;
}

async function notesOf(receiver, callId) {
  return (await receiver.notes()).filter((note) => note.callId === callId);
}

function areTheSame(notes) {
  return new Set(notes.map(({ id, bodySha256 }) => `${id} ${bodySha256}`)).size === 1;
}
