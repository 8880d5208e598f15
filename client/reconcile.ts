/**
 * Reconciling writes into the delivery log what it lacks of the closed runs that Temporal still has. A terminated run
 * wrote no record, because nothing of it ran any more. A worker without a log wrote none either. Run it regularly, and
 * after every Terminate or Reset.
 */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { cleanRecord } from '../contract/clean-record.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import { given } from '../contract/given.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { CheckedFindFilter } from '../contract/schemas/find-filter.ts';
import { problemOfInput } from '../contract/run-input-problem.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { UnreadableRunError } from './errors.ts';
import { saysNotFound } from './grpc-answers.ts';
import { findRuns, queryOf, type FoundRun } from './find-webhooks.ts';
import { inDeadline, isAboutOneRun } from './deadlines.ts';
import { readInput, readRun } from './read-run.ts';
import { recordsOf } from './closed-run-records.ts';
import { inWords, LogError, LogTrouble, type ReconcilableLog } from './reconcilable-log.ts';
import { withoutMemos } from './without-memos.ts';

/** Which closed runs to reconcile, and whether to write. `since` (at or after) and `until` (before) limit the end of
 *  the run; each is a Date or ISO 8601 text. Default: all that Temporal still has. */
export type ReconcileOptions = {
  readonly since?: Date | string;
  readonly until?: Date | string;
  /** True: report what is missing, and write nothing. Default false. */
  readonly dryRun?: boolean;
  /** Called with each item as soon as it is known. */
  readonly onReconciled?: (item: Reconciled) => void;
  /** Called after every few runs, for showing progress. */
  readonly onProgress?: (progress: ReconcileProgress) => void;
};

/** How far reconciling is. `of`: the number of closed runs when it began; absent if the server does not count. */
export type ReconcileProgress = { readonly runs: number; readonly of?: number };

/** What reconciling did for one delivery of a closed run, or for a run that could not be read.
 *  - `written`: the record was missing and is now written
 *  - `missing`: the same in a dry run; nothing was written
 *  - `present`: the log already had the record
 *  - `open`: the run was terminated, and a newer run of the workflow id is still running. Reconcile again after its end
 *  - `unreadable`: the run is not a webhook run, or the client has no key for it. `code` then tells which
 *  - `failed`: reading or writing failed this time. Reconcile again
 *  `record` is absent for `open`, `unreadable` and `failed`. `problem` says in words why it is `unreadable` or
 *  `failed`. */
export type Reconciled = {
  readonly workflowId: string;
  readonly runId: string;
  readonly outcome: 'written' | 'missing' | 'present' | 'open' | 'unreadable' | 'failed';
  readonly record?: DeliveryRecord;
  readonly problem?: string;
  /** Of `unreadable`. `unreadable_run`: the client cannot decode the run, so a record may be missing for want of a key
   *  or codec. `not_ours`: no webhook client made the run, so it has no record. */
  readonly code?: 'unreadable_run' | 'not_ours';
};

/** Runs that are looked at side by side. */
const RUNS_AT_ONCE = 10;

/** Reconciles the closed runs that `filter` finds, and yields one item per delivery. A bad run or a record that the
 *  log refuses is an item of its own, and the others go on.
 *  Rejects with what the server throws. Rejects with what the log throws, when nothing gets through to the log. */
export async function* reconcileRuns(
  client: Client,
  log: ReconcilableLog,
  filter: CheckedFindFilter,
  { dryRun = false, onProgress }: Pick<ReconcileOptions, 'dryRun' | 'onProgress'>,
): AsyncGenerator<Reconciled> {
  const closed: CheckedFindFilter = { ...filter, state: ['delivered', 'failed', 'cancelled', 'terminated'] };
  const of = onProgress === undefined ? undefined : await countOf(client, closed);
  let runs = 0;
  for await (const few of inGroups(findRuns(client, closed), RUNS_AT_ONCE)) {
    const trouble = new LogTrouble();
    const items = await Promise.all(few.map((found) => reconcileRun(client, trouble.watch(log), found, dryRun)));
    yield* items.flat();
    runs += few.length;
    onProgress?.({ runs, ...given({ of }) });
    trouble.throwIfNothingGotThrough();
  }
}

/** The items of one run. Rejects only with errors of the server. */
export async function reconcileRun(
  client: Client,
  log: ReconcilableLog,
  found: FoundRun,
  dryRun: boolean,
): Promise<Reconciled[]> {
  const { workflowId, runId } = found;
  try {
    return await itemsOf(client, log, found, dryRun);
  } catch (error) {
    // Retention has removed it since the list was made.
    if (error instanceof WorkflowNotFoundError || saysNotFound(error)) return [];
    if (!(error instanceof LogError) && !(await isAboutOneRun(client, error))) throw error;
    const problem = inWords(error);
    if (!(error instanceof UnreadableRunError)) return [{ workflowId, runId, outcome: 'failed', problem }];
    return [
      { workflowId, runId, outcome: 'unreadable', code: isBrokenJson(error) ? 'not_ours' : 'unreadable_run', problem },
    ];
  }
}

/** No client of ours writes broken JSON. Whatever else cannot be decoded may be ours, with a key or codec that is
 *  missing here. */
function isBrokenJson({ cause }: UnreadableRunError): boolean {
  return cause instanceof Error && cause.name === 'SyntaxError';
}

async function itemsOf(client: Client, log: ReconcilableLog, found: FoundRun, dryRun: boolean): Promise<Reconciled[]> {
  const { workflowId, runId } = found;
  if (await isFollowedByOpenRun(client, found)) return [{ workflowId, runId, outcome: 'open' }];
  const input = await inDeadline(client, () => readInput(client, workflowId, runId));
  const problem = problemOf(input);
  if (input === undefined || problem !== undefined)
    return [{ workflowId, runId, outcome: 'unreadable', code: 'not_ours', ...given({ problem }) }];
  const kept = await Promise.all(
    input.endpoints.map(async (endpoint) => keptRecord(log, endpoint.webhookId, input, runId)),
  );
  // Most runs have all their records. Then their histories need not be read.
  const missing = input.endpoints.filter((_endpoint, index) => kept[index] === undefined);
  const made = missing.length === 0 ? [] : await missingRecords(client, found, missing);
  const present = kept.flatMap((record): Reconciled[] =>
    record === undefined ? [] : [{ workflowId, runId, outcome: 'present', ...given({ record: asWhole(record) }) }],
  );
  const written = await Promise.all(made.map((record) => writtenItem(log, record, dryRun)));
  return [...present, ...written];
}

async function writtenItem(log: ReconcilableLog, record: DeliveryRecord, dryRun: boolean): Promise<Reconciled> {
  const { workflowId, runId } = record;
  if (dryRun) return { workflowId, runId, outcome: 'missing', record };
  try {
    await log.record(cleanRecord(record));
    return { workflowId, runId, outcome: 'written', record };
  } catch (error) {
    return { workflowId, runId, outcome: 'failed', problem: inWords(error) };
  }
}

async function missingRecords(
  client: Client,
  found: FoundRun,
  missing: readonly Endpoint[],
): Promise<readonly DeliveryRecord[]> {
  const { workflowId, runId } = found;
  const run = await inDeadline(client, () => readRun(client, workflowId, runId));
  const ids = new Set(missing.map(({ endpointId }) => endpointId));
  const records = recordsOf(run, found);
  if (records === undefined) throw new UnreadableRunError(workflowId);
  return records.filter(({ endpointId }) => ids.has(endpointId));
}

type KeptRecord = Awaited<ReturnType<ReconcilableLog['show']>>[number];

async function keptRecord(
  log: ReconcilableLog,
  webhookId: string,
  { redelivery }: AnyRunInput,
  runId: string,
): Promise<KeptRecord | undefined> {
  const cycle = redelivery?.cycle ?? 1;
  return (await log.show(webhookId)).find((kept) => kept.cycle === cycle && kept.runId === runId);
}

/** The record that the log shows, if it shows all of it. The type of a host's log need not. */
function asWhole(record: KeptRecord): DeliveryRecord | undefined {
  return 'webhookId' in record && 'state' in record ? (record as DeliveryRecord) : undefined;
}

/** A reset terminates a run and starts a new one with the same ids and cycle, which may still record the outcome. */
async function isFollowedByOpenRun(client: Client, { workflowId, state }: FoundRun): Promise<boolean> {
  if (state !== 'terminated') return false;
  const latest = await inDeadline(client, () => withoutMemos(client).getHandle(workflowId).describe());
  return latest.status.name === 'RUNNING';
}

/** Why this is no input of ours, in words. A run under our workflow type may be somebody else's. */
function problemOf(input: AnyRunInput | undefined): string | undefined {
  const about = typeof input === 'object' && input !== null && 'call' in input ? 'call' : 'campaign';
  return problemOfInput(about, input);
}

async function countOf(client: Client, filter: CheckedFindFilter): Promise<number | undefined> {
  try {
    return (await inDeadline(client, () => withoutMemos(client).count(queryOf(filter)))).count;
  } catch {
    // Progress without a total is progress, too. If the server is down, the list says so next.
    return undefined;
  }
}

async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
