/** What is there at the end: every run as its history tells it, every row of the delivery log, every state a row ever
 *  had. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Pool } from 'pg';
import { fetchHistory } from '../../../client/fetch-history.ts';
import type { HistoryEvent } from '../../../client/fetch-history.ts';
import { resultOf, statusOf } from '../../../client/run-status.ts';
import { readRun } from '../../../client/read-run.ts';
import { SEARCH_KEYS } from '../../../client/start-options.ts';
import { WebhookClient } from '../../../client/index.ts';
import type { DeliveryOutcome } from '../../../client/index.ts';
import { SIGNALS } from '../../../contract/names.ts';
import { handleOf } from './handle-of.ts';
import type { RunLine } from './log-lines.ts';

type Note = (line: object) => void;

/** Writes the final log: a line per run, row and state. */
export async function collect(client: Client, pool: Pool, note: Note): Promise<void> {
  const latest = new Map<string, { readonly startTime: Date; readonly runId: string; readonly status: string }>();
  for await (const { workflowId, runId, startTime, typedSearchAttributes } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const run = await readRun(client, workflowId, runId);
    const description = await handle.describe();
    const { status } = run;
    note({
      type: 'run',
      workflowId,
      runId,
      status,
      shownState: typedSearchAttributes.get(SEARCH_KEYS.state),
      ...outcomeOf(run),
      startedAt: startTime.getTime(),
      closedAt: description.closeTime?.getTime(),
      ...resetOf(description),
      cancels: await cancelsOf(client, description),
    });
    const known = latest.get(workflowId);
    if (known === undefined || known.startTime < startTime) latest.set(workflowId, { startTime, runId, status });
  }
  const webhooks = new WebhookClient(client);
  for (const [workflowId, { runId, status }] of latest) {
    if (status === 'RUNNING') continue;
    const { deliveries, state } = await handleOf(webhooks, workflowId).result();
    note({ type: 'result', workflowId, runId, state, deliveries: deliveries.map(brief) });
  }
  await rows(pool, note);
}

/** A run that was started, also as a redelivery, is the first of its chain. */
function resetOf({ runId, raw }: WorkflowExecutionDescription): Pick<RunLine, 'resetFrom'> {
  const first = raw.workflowExecutionInfo?.firstRunId ?? '';
  return first === '' || first === runId ? {} : { resetFrom: first };
}

function outcomeOf(run: Awaited<ReturnType<typeof readRun>>) {
  const status = statusOf(run);
  const endpoints = (run.input?.endpoints ?? []).map(({ endpointId, webhookId }) => ({ endpointId, webhookId }));
  const cycle = run.input?.redelivery?.cycle ?? 1;
  if (status === undefined || run.status === 'RUNNING') return { cycle, endpoints, deliveries: [] };
  const { state, deliveries } = resultOf(status);
  return { cycle, endpoints, state, deliveries: deliveries.map(brief) };
}

function brief({ webhookId, state, attempts }: DeliveryOutcome) {
  return { webhookId, state, attempts: attempts.map(({ number, outcome, trigger }) => ({ number, outcome, trigger })) };
}

/** When each cancel was heard: at the end of the workflow task that saw it. */
async function cancelsOf(client: Client, run: WorkflowExecutionDescription): Promise<RunLine['cancels']> {
  const events = await fetchHistory(client, run);
  return events.flatMap((event) => {
    const signal = event.workflowExecutionSignaledEventAttributes;
    const isCancel = signal?.signalName === SIGNALS.cancel || event.workflowExecutionCancelRequestedEventAttributes;
    if (!isCancel) return [];
    const heard = events.find(
      (each) => Number(each.workflowTaskCompletedEventAttributes?.startedEventId ?? 0) > Number(event.eventId),
    );
    if (heard === undefined) return [];
    const data = signal?.input?.payloads?.[0]?.data;
    const { endpointId } = (data ? JSON.parse(Buffer.from(data).toString()) : {}) as { endpointId?: string };
    const by = signal ? 'signal' : 'server';
    return [{ heardAt: msOf(heard), by, ...(endpointId !== undefined && { endpointId }) }] as const;
  });
}

function msOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds) * 1_000 + Math.floor((eventTime?.nanos ?? 0) / 1_000_000);
}

async function rows(pool: Pool, note: Note): Promise<void> {
  const { rows: records } = await pool.query<{ readonly endedAt: Date }>(
    `select webhook_id as "webhookId", cycle, workflow_id as "workflowId", run_id as "runId", state, reason, attempts,
      body_sha256 as "bodySha256", ended_at as "endedAt" from topcalls_webhooks.deliveries`,
  );
  for (const { endedAt, ...record } of records) note({ type: 'row', ...record, endedAt: endedAt.getTime() });
  const { rows: states } = await pool.query<{ readonly at: Date }>(
    'select webhook_id as "webhookId", cycle, run_id as "runId", state, at from soak_states order by at',
  );
  for (const { at, ...state } of states) note({ type: 'state', ...state, at: at.getTime() });
}
