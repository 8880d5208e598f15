/** The main job: calls end, and each is delivered once, signed, recorded, and closed as Completed on the server. */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import { WebhookClient } from '../../../client/index.ts';
import type { CallEnded, WebhookHandle } from '../../../client/index.ts';
import { aCall, aFailedCall } from '../../support/builders.ts';
import type { ArrivedLine } from '../../support/receiver-lines.ts';
import { all } from './checks.ts';
import type { Check } from './checks.ts';
import type { DeliveryRow, Engine } from './installation.ts';

const READY = { recording: 'ready', transcript: 'ready', summary: 'ready' };

/** Reports at a time. */
const LANES = 20;

export type MainJobNumbers = Readonly<
  Record<'calls' | 'posts' | 'duplicates' | 'missing' | 'rows' | 'seconds', number>
>;

type Shown = { readonly say: (line: string) => void; readonly live: (line: string) => void };

/** Ends `count` calls with the default policy; resolves with the numbers and the checks. */
export async function playMainJob(
  installation: Engine,
  count: number,
  { say, live }: Shown,
): Promise<{ readonly numbers: MainJobNumbers; readonly checks: Check[] }> {
  const { client } = installation;
  const campaignId = `topology-${Date.now()}`;
  const startedAt = Date.now();
  const calls = callsOf(installation, campaignId, count);
  const handles = await endCalls(client, calls, (ended) => live(`${ended} of ${count} calls ended`));
  say(`${count} calls ended in ${secondsSince(startedAt)} s; the completed ones settle for 15 s`);

  const states = await statesOf(handles, (done) => live(`${done} of ${count} delivered`));
  const seconds = secondsSince(startedAt);
  const posts = installation.posts().filter(({ callId }) => callId === undefined || callId.startsWith(campaignId));
  const ids = new Set(posts.map(({ id }) => id));
  const arrived = new Set(posts.map(({ callId }) => callId));
  const rows = await rowsOf(installation, campaignId);
  const closed = await Promise.all(
    handles.map(async ({ workflowId }) => (await client.workflow.getHandle(workflowId).describe()).status.name),
  );
  const query = `WebhookCampaignId = '${campaignId}' AND ExecutionStatus = 'Completed'`;
  const listed = await untilListed(client, query, count);

  const numbers = {
    calls: count,
    posts: posts.length,
    duplicates: posts.length - ids.size,
    missing: calls.filter(({ call_id }) => !arrived.has(call_id)).length,
    rows: rows.length,
    seconds,
  };
  const eventOf = new Map(calls.map(({ call_id, status }) => [call_id, `call.${status}`]));
  const tellsItsEvent = ({ event, callId = '' }: ArrivedLine): boolean => event === eventOf.get(callId);
  const completed = calls.filter(({ status }) => status === 'completed');
  const isWhole = ({ event, artifacts }: ArrivedLine): boolean =>
    event === 'call.completed' && isDeepStrictEqual(artifacts, READY);
  const isAlone = posts.length === count && numbers.missing === 0;
  return {
    numbers,
    checks: [
      { what: 'every call came as one POST', ok: isAlone, seen: `${posts.length} POSTs` },
      { what: 'no webhook id came twice', ok: numbers.duplicates === 0, seen: `${ids.size} ids` },
      all(
        'verifyWebhook accepts each',
        posts.filter(({ verdict }) => verdict === 'ok'),
        count,
      ),
      all('each tells its call’s event', posts.filter(tellsItsEvent), count),
      all('each completed call has its artifacts', posts.filter(isWhole), completed.length),
      all(
        'each result is delivered',
        states.filter((state) => state === 'delivered'),
        count,
      ),
      { what: 'the log has each once, delivered at once', ok: areEachOnce(rows, ids), seen: `${rows.length} rows` },
      all(
        'each run is Completed',
        closed.filter((status) => status === 'COMPLETED'),
        count,
      ),
      { what: 'the list finds them by WebhookCampaignId', ok: listed === count, seen: `${listed} runs` },
    ],
  };
}

/** Every fourth call has failed. */
function callsOf({ hook, secretRef }: Engine, campaign_id: string, count: number): CallEnded[] {
  const settings = { campaign_id, webhook_url: hook('200'), secret_ref: secretRef };
  return Array.from({ length: count }, (_, index) => {
    const change = { call_id: `${campaign_id}-${index + 1}`, ...settings };
    return index % 4 === 3 ? aFailedCall(change) : aCall(change);
  });
}

async function endCalls(
  client: Client,
  calls: readonly CallEnded[],
  onEnded: (count: number) => void,
): Promise<WebhookHandle[]> {
  const webhooks = new WebhookClient(client);
  const handles: WebhookHandle[] = [];
  const waiting = calls.values();
  const lane = async (): Promise<void> => {
    for (const call of waiting) {
      const handle = await webhooks.callEnded(call);
      if (handle === undefined) throw new Error(`${call.call_id} started no run`);
      handles.push(handle);
      onEnded(handles.length);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return handles;
}

/** How each run ended; `running` for one that took too long. The ladder would make up for a lost first attempt after a
 *  minute or an hour, and that counts as a failed check here. */
async function statesOf(handles: readonly WebhookHandle[], onDone: (count: number) => void): Promise<string[]> {
  const tooLate = delay(120_000 + 50 * handles.length, { state: 'running' }, { ref: false });
  let done = 0;
  return Promise.all(
    handles.map(async (handle) => {
      const { state } = await Promise.race([handle.result(), tooLate]);
      done += 1;
      onDone(done);
      return state;
    }),
  );
}

/** What `topcalls-webhooks db list --json` says of the campaign, over all pages. */
async function rowsOf({ db }: Engine, campaignId: string): Promise<DeliveryRow[]> {
  const rows: DeliveryRow[] = [];
  let after: readonly string[] = [];
  for (;;) {
    const { records, next } = await db('list', '--limit', '100', '--campaign', campaignId, ...after);
    rows.push(...records);
    if (next === undefined) return rows;
    after = ['--after', next];
  }
}

function areEachOnce(rows: readonly DeliveryRow[], ids: ReadonlySet<string>): boolean {
  const recorded = new Set(rows.map(({ webhookId }) => webhookId));
  const areDelivered = rows.every(({ state, attempts }) => state === 'delivered' && attempts.length === 1);
  return areDelivered && rows.length === recorded.size && isDeepStrictEqual(recorded, ids);
}

/** The list follows the runs by a moment. */
async function untilListed(client: Client, query: string, count: number): Promise<number> {
  for (const deadline = Date.now() + 20_000; ; await delay(250)) {
    const { count: listed } = await client.workflow.count(query);
    if (listed >= count || Date.now() > deadline) return listed;
  }
}

function secondsSince(startedAt: number): number {
  return Math.round((Date.now() - startedAt) / 100) / 10;
}
