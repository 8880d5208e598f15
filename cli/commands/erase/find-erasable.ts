/** What there is of one webhook: its runs on the server, and its rows in the log. Changes nothing. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { DeliveryFilter, DeliveryLogEraser, DeliveryLogReader } from '../../../adapters/index.ts';
import { inDeadline } from '../../../client/deadlines.ts';
import { readInput } from '../../../client/read-run.ts';
import { runsOfWorkflow } from '../../../client/runs-of-workflow.ts';
import { withoutMemos } from '../../../client/without-memos.ts';
import { isEventName } from '../../../contract/event-types.ts';
import { given } from '../../../contract/given.ts';
import type { AnyRunInput } from '../../../contract/run-messages.ts';
import type { DeliveryRecord } from '../../../contract/schemas/delivery-record.ts';
import { WORKFLOW_TYPES } from '../../../contract/server-names.ts';

/** Where a command erases. `log` is undefined for an installation without one. */
export type Places = { readonly client: Client; readonly log: (DeliveryLogReader & DeliveryLogEraser) | undefined };

/** One run that the server has. */
export type ErasableRun = { readonly runId: string; readonly isOpen: boolean };

/** What there is of one webhook: ids, hosts and hashes. */
export type Erasable = {
  readonly runs: readonly ErasableRun[];
  readonly records: number;
  readonly webhookIds: readonly string[];
  /** Hosts of the endpoints, which may have a copy. */
  readonly hosts: readonly string[];
  /** Hashes of the bodies that were sent, as the log has them. */
  readonly bodySha256: readonly string[];
};

/** Looks at server and log. Rejects with the SDK's errors and those of the log. */
export async function findErasable(places: Places, workflowId: string): Promise<Erasable> {
  const runs = await runsOf(places.client, workflowId);
  const inputs = await inputsOf(places.client, workflowId, runs);
  const endpoints = inputs.flatMap(({ endpoints, redelivery }) => [
    ...endpoints,
    ...(redelivery?.alreadyEnded ?? []).map(({ endpoint }) => endpoint),
  ]);
  const own = new Set(endpoints.map(({ webhookId }) => webhookId));
  const records = await recordsOf(places, workflowId, inputs, own);
  return {
    runs,
    records: records.length,
    webhookIds: [...new Set([...own, ...records.map(({ webhookId }) => webhookId)])],
    hosts: [...new Set([...endpoints, ...records].map(({ host }) => host))],
    bodySha256: [...new Set(records.flatMap((record) => record.bodySha256 ?? []))],
  };
}

/** More than any webhook has: each is a redelivery by hand, or a reset. */
const MAX_RUNS = 1_000;
const TYPES: readonly string[] = Object.values(WORKFLOW_TYPES);

/** The runs of a workflow id. The list lags a moment behind, so the latest run is asked for as well. */
export async function runsOf(client: Client, workflowId: string): Promise<readonly ErasableRun[]> {
  const found = new Map<string, boolean>();
  for (const { runId, status } of await runsOfWorkflow(client, workflowId, MAX_RUNS)) {
    found.set(runId, status.name === 'RUNNING');
  }
  const latest = await inDeadline(client, () => withoutMemos(client).getHandle(workflowId).describe()).catch(
    ifNotFound,
  );
  if (latest !== undefined && TYPES.includes(latest.type)) found.set(latest.runId, latest.status.name === 'RUNNING');
  return [...found].map(([runId, isOpen]) => ({ runId, isOpen }));
}

/** Undefined if the server does not have the run. Rethrows everything else. */
export function ifNotFound(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}

/** Inputs that can be read. Erasing needs none: without the keys, or for somebody else's input, the log must do. */
async function inputsOf(
  client: Client,
  workflowId: string,
  runs: readonly ErasableRun[],
): Promise<readonly AnyRunInput[]> {
  const inputs: AnyRunInput[] = [];
  for (const { runId } of runs) {
    const input = await inDeadline(client, () => readInput(client, workflowId, runId)).catch(() => undefined);
    if (Array.isArray(input?.endpoints)) inputs.push(input);
  }
  return inputs;
}

async function recordsOf(
  { log }: Places,
  workflowId: string,
  inputs: readonly AnyRunInput[],
  webhookIds: ReadonlySet<string>,
): Promise<readonly DeliveryRecord[]> {
  if (log === undefined) return [];
  const filters = [subjectIn(workflowId), ...inputs.map(subjectOf)].flatMap((filter) => filter ?? []);
  const found = new Map<string, DeliveryRecord>();
  const add = (record: DeliveryRecord): void =>
    void found.set(`${record.webhookId}/${record.cycle}/${record.runId}`, record);
  for (const filter of new Map(filters.map((each) => [JSON.stringify(each), each])).values()) {
    for await (const record of listed(log, filter)) if (record.workflowId === workflowId) add(record);
  }
  // A row whose ids could not be stored as they came is found by its webhook id.
  for (const webhookId of webhookIds) for (const record of await log.show(webhookId)) add(record);
  return [...found.values()];
}

const PAGE = 1_000;

/** All records that fit the filter. */
export async function* listed(log: DeliveryLogReader, filter: DeliveryFilter): AsyncGenerator<DeliveryRecord> {
  let after: string | undefined;
  do {
    const page = await log.list({ ...filter, limit: PAGE, ...given({ after }) });
    yield* page.records;
    after = page.next;
  } while (after !== undefined);
}

/** What the log knows a webhook by, read from its workflow id. Undefined where the id was shortened. */
function subjectIn(workflowId: string): DeliveryFilter | undefined {
  const [kind, id = '', event = ''] = workflowId.split('/');
  if (id.includes('~')) return undefined;
  const subject = decoded(id);
  if (kind === 'call-webhook') return { callId: subject };
  return isEventName(event) ? { campaignId: subject, event } : undefined;
}

function subjectOf(input: AnyRunInput): DeliveryFilter {
  if ('call' in input) return { callId: input.call.call_id };
  return { campaignId: input.campaign.campaign_id, event: input.event };
}

/** An id that no client of ours made may have a percent sign that encodes nothing. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
