/** What a person means by an id or an account: workflow ids, and what the log knows their rows by. Changes nothing. */
import type { DeliveryFilter } from '../../../adapters/index.ts';
import { eachInDeadline } from '../../../client/deadlines.ts';
import { OUR_TYPES, quoted } from '../../../client/runs-of-workflow.ts';
import { withoutMemos } from '../../../client/without-memos.ts';
import { ATTRIBUTES } from '../../../contract/names.ts';
import type { DeliveryRecord } from '../../../contract/schemas/delivery-record.ts';
import { searchableId } from '../../../contract/workflow-id.ts';
import { CliError, EXIT } from '../../process/exit.ts';
import { RUN_ID, WEBHOOK_ID } from '../pasted-id.ts';
import { LOOKED_THROUGH, runWithRunId, runWithWebhookId } from '../status/find-run.ts';
import { inWords } from '../status/reading.ts';
import {
  findErasable,
  isNothing,
  listed,
  NOTHING_KNOWN,
  type Known,
  type Meant,
  type Places,
} from './find-erasable.ts';

type OnProgress = (words: string) => void;

/** The webhook of an id of any kind. `workflowId` is what it gives as a call id, or the id itself. As in `status`, a
 *  run id or a webhook id is looked for only if there is no such call. Rejects with CliError if the search had to leave
 *  something out. */
export async function meantById(
  places: Places,
  { id, workflowId }: { readonly id: string; readonly workflowId: string },
  onProgress: OnProgress,
): Promise<Meant> {
  if (id === workflowId) return { workflowId, known: NOTHING_KNOWN };
  const asCall = { workflowId, known: { filters: [{ callId: id }], webhookIds: [] } };
  if (!RUN_ID.test(id) && !WEBHOOK_ID.test(id)) return asCall;
  return inWords(places.client, `looking for ${id}`, async () => {
    if (!isNothing(await findErasable(places, asCall))) return asCall;
    const meant = RUN_ID.test(id) ? await byRunId(places, id) : await byWebhookId(places, id, onProgress);
    return meant ?? { ...asCall, doubt: `no ${RUN_ID.test(id) ? 'run' : 'webhook'} has this id either` };
  });
}

async function byRunId({ client }: Places, id: string): Promise<Meant | undefined> {
  const run = await runWithRunId(client, id.toLowerCase());
  return run && { workflowId: run.workflowId, known: NOTHING_KNOWN };
}

async function byWebhookId({ client, log }: Places, id: string, onProgress: OnProgress): Promise<Meant | undefined> {
  const rows = (await log?.show(id)) ?? [];
  const row = rows.at(-1);
  if (row !== undefined) return { workflowId: row.workflowId, known: knownBy(row) };
  const { run, looked, unread } = await runWithWebhookId(client, id, (count) =>
    onProgress(`looking for ${id}: ${count} runs`),
  );
  if (run !== undefined) return { workflowId: run.workflowId, known: NOTHING_KNOWN };
  if (unread === 0 && looked < LOOKED_THROUGH) return undefined;
  const words =
    `nothing was deleted: no row has ${id}, and the latest ${looked} runs do not show it; ` +
    `${unread} of them could not be read. Name the call id, or give the worker's encryption keys`;
  throw new CliError('not_found', EXIT.failed, words);
}

/** The webhooks of an account, by the search attribute and by the log. Rejects when the server does not know the
 *  attribute: its runs could not be found, and a receipt would be wrong. */
export async function meantByAccount(
  { client, log }: Places,
  account: string,
  onProgress: OnProgress,
): Promise<readonly Meant[]> {
  const found = new Map<string, Known>();
  const query = `${ATTRIBUTES.accountId} = ${quoted(searchableId(account))} AND ${OUR_TYPES}`;
  await inWords(client, `listing the runs of account ${account}`, async () => {
    // Only the ids are kept: an account may have very many runs.
    for await (const { workflowId } of eachInDeadline(client, withoutMemos(client).list({ query, pageSize: 1_000 })))
      found.set(workflowId, ofAccount(workflowId, account));
  });
  onProgress(`looking: ${found.size} webhooks on the server`);
  if (log === undefined) return asMeant(found);
  for await (const row of listed(log, { accountId: account })) {
    const before = found.get(row.workflowId) ?? ofAccount(row.workflowId, account);
    const { filters, webhookIds } = joined(before, knownBy(row));
    // One filter finds all rows of a webhook, and a row's own is narrower than the account.
    found.set(row.workflowId, { filters: filters.slice(-1), webhookIds });
  }
  return asMeant(found);
}

/** A run that goes on has no row yet. If its id was shortened, its rows are found by the account afterwards. */
function ofAccount(workflowId: string, account: string): Known {
  return workflowId.includes('~') ? { filters: [{ accountId: account }], webhookIds: [] } : NOTHING_KNOWN;
}

/** What a row tells of its webhook. */
function knownBy({ webhookId, callId, campaignId, event }: DeliveryRecord): Known {
  const filters: readonly DeliveryFilter[] =
    callId === undefined ? (campaignId === undefined ? [] : [{ campaignId, event }]) : [{ callId }];
  return { filters, webhookIds: [webhookId] };
}

/** Both together. */
export function joined(one: Known, other: Known): Known {
  return {
    filters: [...one.filters, ...other.filters],
    webhookIds: [...new Set([...one.webhookIds, ...other.webhookIds])],
  };
}

function asMeant(found: ReadonlyMap<string, Known>): readonly Meant[] {
  return [...found].map(([workflowId, known]) => ({ workflowId, known }));
}
