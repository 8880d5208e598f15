/** `status --html`: the timeline of one run as a static page. */
import type { Client } from '@temporalio/client';
import { liveDeliveries } from '../../../client/live-deliveries.ts';
import { readRun } from '../../../client/read-run.ts';
import { withoutMemos } from '../../../client/without-memos.ts';
import type { WebhookStatus } from '../../../contract/delivery-state.ts';
import { reportDelivery } from '../report/delivery.ts';
import { reportPage } from '../report/page.ts';
import { reading } from './reading.ts';
import { notesOnRuns, type StatusFacts } from './words.ts';

/** The page of this status. Rejects with a WebhookClientError. */
export async function statusPage(client: Client, status: WebhookStatus, facts: StatusFacts): Promise<string> {
  const { runId } = facts;
  const { workflowId, event, state, stalled, artifacts, repairs = [] } = status;
  const read = async () => {
    const run = await readRun(client, workflowId, runId);
    const { startTime } = await withoutMemos(client).getHandle(workflowId, run.runId).describe();
    return liveDeliveries(run, startTime.toISOString()) ?? [];
  };
  const deliveries = (await reading(client, workflowId, read)).map(reportDelivery);
  const nowMs = Date.now();
  const got = Object.entries(artifacts ?? {}).filter(([, what]) => what !== 'not_expected');
  return reportPage({
    title: `${event} of ${workflowId}: ${stalled?.why ?? state}`,
    facts: [`Made ${new Date(nowMs).toISOString()}. All times are UTC.`],
    notes: [
      ...notesOnRuns(facts),
      ...(stalled === undefined ? [] : [`it stands still: ${stalled.problem}. What helps: ${stalled.fix}`]),
      ...(got.length === 0 ? [] : [`artifacts: ${got.map(([name, what]) => `${name} ${what}`).join(', ')}`]),
      ...repairs.map(({ field, problem }) => `repaired: ${field}: ${problem}`),
    ],
    deliveries,
    nowMs,
  });
}
