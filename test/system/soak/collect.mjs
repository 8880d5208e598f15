/** What stands at the end: every run as its history tells it, every row of the delivery log, every state a row ever had. */
import pg from 'pg';
import { built } from '../topology/built.mjs';

const { WebhookClient } = built('client/index');
const { fetchHistory } = built('client/fetch-history');
const { readRun } = built('client/read-history');
const { resultOf, statusOf } = built('client/fold-run');
const { SEARCH_KEYS } = built('client/start-options');

/** Writes the final log: a line per run, row and state. */
export async function collect({ client, url, note }) {
  const latest = new Map();
  for await (const { workflowId, runId, startTime, typedSearchAttributes } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const run = await readRun(client, handle);
    const description = await handle.describe();
    const events = await fetchHistory(client, description);
    const shownState = typedSearchAttributes.get(SEARCH_KEYS.state);
    const facts = { ...endpointsOf(run), ...timesOf(description, events) };
    note({ type: 'run', workflowId, runId, status: run.status, shownState, ...facts });
    if ((latest.get(workflowId)?.startTime ?? 0) < startTime)
      latest.set(workflowId, { startTime, runId, status: run.status });
  }
  const webhooks = new WebhookClient(client);
  for (const [workflowId, { runId, status }] of latest) {
    if (status === 'RUNNING') continue;
    const { deliveries, state } = await resultBy(webhooks, workflowId);
    note({ type: 'result', workflowId, runId, state, deliveries: deliveries.map(brief) });
  }
  await rows(url, note);
}

function resultBy(webhooks, workflowId) {
  const [, id, event] = workflowId.split('/');
  return (workflowId.startsWith('call-') ? webhooks.call(id) : webhooks.campaign(id, event)).result();
}

function endpointsOf(run) {
  const status = statusOf(run);
  const endpoints = (run.input?.endpoints ?? []).map(({ endpointId, webhookId }) => ({ endpointId, webhookId }));
  const result = status === undefined || run.status === 'RUNNING' ? { deliveries: [] } : resultOf(status);
  const { state, deliveries } = result;
  return { cycle: run.input?.redelivery?.cycle ?? 1, endpoints, state, deliveries: deliveries.map(brief) };
}

function brief({ webhookId, state, attempts }) {
  return { webhookId, state, attempts: attempts.map(({ number, outcome, trigger }) => ({ number, outcome, trigger })) };
}

/** When it began and ended, and when each cancel was heard: at the end of the workflow task that saw it. */
function timesOf({ startTime, closeTime }, events) {
  const cancels = events.flatMap((event) => {
    const signal = event.workflowExecutionSignaledEventAttributes;
    const isCancel = signal?.signalName === 'cancel' || event.workflowExecutionCancelRequestedEventAttributes;
    if (!isCancel) return [];
    const heard = events.find(
      (each) => Number(each.workflowTaskCompletedEventAttributes?.startedEventId ?? 0) > Number(event.eventId),
    );
    const payload = signal?.input?.payloads?.[0];
    const request = payload ? JSON.parse(Buffer.from(payload.data).toString()) : {};
    return heard === undefined
      ? []
      : [{ heardAt: msOf(heard.eventTime), endpointId: request.endpointId, by: signal ? 'signal' : 'server' }];
  });
  return { startedAt: startTime.getTime(), closedAt: closeTime?.getTime(), cancels };
}

function msOf({ seconds, nanos }) {
  return Number(seconds) * 1_000 + Math.floor((nanos ?? 0) / 1_000_000);
}

async function rows(connectionString, note) {
  const db = new pg.Client({ connectionString });
  await db.connect();
  const { rows: records } = await db.query(
    `select webhook_id as "webhookId", cycle, workflow_id as "workflowId", run_id as "runId", state, reason, attempts,
      body_sha256 as "bodySha256", ended_at as "endedAt" from topcalls_webhooks.deliveries`,
  );
  for (const { endedAt, ...record } of records) note({ type: 'row', ...record, endedAt: endedAt.getTime() });
  const { rows: states } = await db.query(
    'select webhook_id as "webhookId", cycle, state, at from soak_states order by at',
  );
  for (const { at, ...state } of states) note({ type: 'state', ...state, at: at.getTime() });
  await db.end();
}
