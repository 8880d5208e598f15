/** The main job: calls end, and every one is delivered once, signed, recorded, and closed as Completed on the server. */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { built } from './built.mjs';
import { endCalls } from './engine.mjs';
import { SECRET_REF } from './stage.mjs';

const { WebhookClient } = built('client/index');

const READY = { recording: 'ready', transcript: 'ready', summary: 'ready' };

/** Ends `count` calls with the default policy; resolves with the numbers and the checks. */
export async function playMainJob({ client, db, receiver }, count, { say, live }) {
  const campaign_id = `topology-${Date.now()}`;
  const webhooks = new WebhookClient(client);
  const startedAt = Date.now();
  const change = { campaign_id, webhook_url: receiver.hook('200'), secret_ref: SECRET_REF };
  const { calls, handles } = await endCalls(webhooks, count, change, (ended) =>
    live(`${ended} of ${count} calls ended`),
  );
  say(`${count} calls ended in ${secondsSince(startedAt)} s; the completed ones settle for 15 s`);

  let done = 0;
  // A lost first attempt would be made up for by the ladder, after minutes or an hour: that is a failed check here.
  const tooLate = delay(120_000 + 50 * count, { state: 'running' }, { ref: false });
  const results = await Promise.all(
    handles.map(async (handle) => {
      const result = await Promise.race([handle.result(), tooLate]);
      done += 1;
      live(`${done} of ${count} delivered`);
      return result;
    }),
  );
  const seconds = secondsSince(startedAt);
  const notes = (await receiver.notes()).filter(({ callId }) => callId === undefined || callId.startsWith(campaign_id));
  const ids = new Set(notes.map(({ id }) => id));
  const delivered = new Set(notes.map(({ callId }) => callId));
  const records = await recordsOf(db, campaign_id);
  const closed = await Promise.all(
    handles.map(async ({ workflowId }) => (await client.workflow.getHandle(workflowId).describe()).status.name),
  );
  const listed = await untilListed(
    client,
    `WebhookCampaignId = '${campaign_id}' AND ExecutionStatus = 'Completed'`,
    count,
  );

  const numbers = {
    calls: count,
    posts: notes.length,
    duplicates: notes.length - ids.size,
    missing: calls.filter(({ call_id }) => !delivered.has(call_id)).length,
    rows: records.length,
    seconds,
  };
  const all = (some, of = count) => [some.length === of, `${some.length} of ${of}`];
  const eventOf = new Map(calls.map(({ call_id, status }) => [call_id, `call.${status}`]));
  const completed = calls.filter(({ status }) => status === 'completed');
  const whole = notes.filter(
    ({ event, artifacts }) => event === 'call.completed' && isDeepStrictEqual(artifacts, READY),
  );
  return {
    numbers,
    checks: [
      ['every call came as one POST', notes.length === count && numbers.missing === 0, `${notes.length} POSTs`],
      ['no webhook id came twice', numbers.duplicates === 0, `${ids.size} ids`],
      ['verifyWebhook accepts each', ...all(notes.filter(({ ok }) => ok))],
      [
        'each tells its call’s event',
        ...all(notes.filter((note) => note.ok && note.event === eventOf.get(note.callId))),
      ],
      ['each completed call has its artifacts', ...all(whole, completed.length)],
      ['each result is delivered', ...all(results.filter(({ state }) => state === 'delivered'))],
      ['the log has each once, delivered at once', isEachOnce(records, ids), `${records.length} rows`],
      ['each run is Completed', ...all(closed.filter((status) => status === 'COMPLETED'))],
      ['the list finds them by WebhookCampaignId', listed === count, `${listed} runs`],
    ],
  };
}

/** What `topcalls-webhooks db list --json` says of the campaign, over all pages. */
async function recordsOf(db, campaignId) {
  const records = [];
  let after = [];
  for (;;) {
    const { records: some, next } = await db('list', '--limit', '100', '--campaign', campaignId, ...after);
    records.push(...some);
    if (next === undefined) return records;
    after = ['--after', next];
  }
}

function isEachOnce(records, ids) {
  const recorded = new Set(records.map(({ webhookId }) => webhookId));
  const areDelivered = records.every(({ state, attempts }) => state === 'delivered' && attempts.length === 1);
  return areDelivered && records.length === recorded.size && isDeepStrictEqual(recorded, ids);
}

/** The list follows the runs by a moment. */
async function untilListed(client, query, count) {
  for (const deadline = Date.now() + 20_000; ; await delay(250)) {
    const { count: listed } = await client.workflow.count(query);
    if (listed >= count || Date.now() > deadline) return listed;
  }
}

function secondsSince(startedAt) {
  return Math.round((Date.now() - startedAt) / 100) / 10;
}
