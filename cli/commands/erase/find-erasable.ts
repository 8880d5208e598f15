/** What there is of one webhook: its runs on the server, and its rows in the log. Changes nothing. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { DeliveryFilter, DeliveryLogEraser, DeliveryLogReader } from '../../../adapters/index.ts';
import { inDeadline } from '../../../client/deadlines.ts';
import { StoredPayloadError, UnreadableRunError } from '../../../client/errors.ts';
import { saysNotFound } from '../../../client/grpc-answers.ts';
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

/** What is known of a webhook besides its workflow id. A long call id is shortened there, so the log then finds its
 *  rows only by this. Holds ids. */
export type Known = { readonly filters: readonly DeliveryFilter[]; readonly webhookIds: readonly string[] };

/** Of a webhook of which only the workflow id is known. */
export const NOTHING_KNOWN: Known = { filters: [], webhookIds: [] };

/** A webhook to erase. `doubt` is told if nothing is found. */
export type Meant = { readonly workflowId: string; readonly known: Known; readonly doubt?: string };

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

/** What was found, and what is known afterwards. Nothing can be said of the log's rows if `known` has no filter. */
export type Found = Erasable & { readonly known: Known };

/** Looks at server and log. Rejects with the SDK's errors and those of the log. */
export async function findErasable(places: Places, { workflowId, known }: Meant): Promise<Found> {
  const runs = await runsOf(places.client, workflowId);
  const inputs = await inputsOf(places.client, workflowId, runs);
  const endpoints = inputs.flatMap(({ endpoints, redelivery }) => [
    ...endpoints,
    ...(redelivery?.alreadyEnded ?? []).map(({ endpoint }) => endpoint),
  ]);
  const filters = distinct([...known.filters, ...subjectIn(workflowId), ...inputs.map(subjectOf)]);
  const ids = [...known.webhookIds, ...endpoints.map(({ webhookId }) => webhookId)];
  const { records, webhookIds } = await recordsOf(places, workflowId, { filters, webhookIds: ids });
  return {
    runs,
    records: records.length,
    webhookIds,
    hosts: [...new Set([...endpoints, ...records].map(({ host }) => host))],
    bodySha256: [...new Set(records.flatMap((record) => record.bodySha256 ?? []))],
    known: { filters, webhookIds },
  };
}

/** Whether neither server nor log has anything of it. */
export function isNothing({ runs, records }: Erasable): boolean {
  return runs.length === 0 && records === 0;
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

/** Inputs that can be read. Erasing needs none: without the keys, or for somebody else's input, the log must do.
 *  Rejects if the server does not answer. */
async function inputsOf(
  client: Client,
  workflowId: string,
  runs: readonly ErasableRun[],
): Promise<readonly AnyRunInput[]> {
  const inputs: AnyRunInput[] = [];
  for (const { runId } of runs) {
    const input = await inDeadline(client, () => readInput(client, workflowId, runId)).catch((error: unknown) => {
      if (error instanceof UnreadableRunError || error instanceof StoredPayloadError || saysNotFound(error))
        return undefined;
      throw error;
    });
    if (Array.isArray(input?.endpoints)) inputs.push(input);
  }
  return inputs;
}

/** The rows of the workflow id. A webhook id that has rows of another one is left out: the log erases by webhook id. */
async function recordsOf(
  { log }: Places,
  workflowId: string,
  { filters, webhookIds }: Known,
): Promise<{ readonly records: readonly DeliveryRecord[]; readonly webhookIds: readonly string[] }> {
  const ids = new Set(webhookIds);
  if (log === undefined) return { records: [], webhookIds: [...ids] };
  const found = new Map<string, DeliveryRecord>();
  const add = (record: DeliveryRecord): void => {
    if (record.workflowId !== workflowId) return;
    found.set(`${record.webhookId}/${record.cycle}/${record.runId}`, record);
    ids.add(record.webhookId);
  };
  for (const filter of filters) for await (const record of listed(log, filter)) add(record);
  // A row whose ids could not be stored as they came is found by its webhook id.
  for (const webhookId of ids) {
    const rows = await log.show(webhookId);
    for (const row of rows) add(row);
    if (rows.some((row) => row.workflowId !== workflowId)) ids.delete(webhookId);
  }
  return { records: [...found.values()], webhookIds: [...ids] };
}

function distinct(filters: readonly DeliveryFilter[]): readonly DeliveryFilter[] {
  return [...new Map(filters.map((each) => [JSON.stringify(each), each])).values()];
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

/** What the log knows a webhook by, read from its workflow id. Empty if the id was shortened. */
function subjectIn(workflowId: string): readonly DeliveryFilter[] {
  const [kind, id = '', event = ''] = workflowId.split('/');
  if (id.includes('~')) return [];
  const subject = decoded(id);
  if (kind === 'call-webhook') return [{ callId: subject }];
  return isEventName(event) ? [{ campaignId: subject, event }] : [];
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
