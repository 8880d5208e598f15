/** Campaigns. Their events go through the same outbox, in the transaction that changes the campaign. */
import { randomUUID } from 'node:crypto';
import { InvalidInputError, parseWebhookConfig } from '@topcalls/webhooks/contract';
import { transaction } from './database.js';
import { NotFoundError, requireTexts } from './errors.js';
import { addToOutbox } from './outbox.js';

/**
 * Creates a campaign. Its settings also apply to each of its calls, beside the call's own.
 * @param {import('pg').Pool} pool
 * @param {Record<string, any>} body account_id, name, total_leads; webhook_url?, webhook_events?, metadata?
 * @param {import('@topcalls/webhooks/contract').EgressOptions} egress
 * @returns {Promise<{ campaign_id: string }>} Throws InvalidInputError.
 */
export async function createCampaign(pool, body, egress) {
  requireTexts('campaign', body, ['account_id', 'name']);
  const { account_id, name, total_leads, webhook_url, webhook_events, metadata } = body;
  if (!Number.isInteger(total_leads) || total_leads < 0) {
    throw new InvalidInputError('campaign', [{ field: 'total_leads', problem: 'must be a count from 0 up' }]);
  }
  const webhook = parseWebhookConfig({ webhook_url, webhook_events, metadata }, 'campaign', { egress });
  const campaign_id = `camp_${randomUUID()}`;
  await pool.query('insert into campaigns (id, account_id, name, total_leads, webhook) values ($1, $2, $3, $4, $5)', [
    campaign_id,
    account_id,
    name,
    total_leads,
    JSON.stringify(webhook),
  ]);
  return { campaign_id };
}

/** Starts a campaign: campaign.started. Starting it again changes nothing. @param {import('pg').Pool} pool
 *  @param {string} campaignId @returns {Promise<{ campaign_id: string, status: string }>} Throws NotFoundError. */
export function startCampaign(pool, campaignId) {
  return transaction(pool, async (db) => {
    const { rows } = await db.query(
      "update campaigns set status = 'running', started_at = now() where id = $1 and started_at is null returning *",
      [campaignId],
    );
    if (rows[0] === undefined) return findCampaign(db, campaignId);
    await addToOutbox(db, { kind: 'campaign_event', report: await toEvent(db, 'campaign.started', rows[0]) });
    return { campaign_id: campaignId, status: 'running' };
  });
}

/** Completes a campaign that has started: campaign.completed. @param {import('pg').Pool} pool
 *  @param {string} campaignId @returns {Promise<{ campaign_id: string, status: string }>} Throws NotFoundError. */
export function completeCampaign(pool, campaignId) {
  return transaction(pool, async (db) => {
    const { rows } = await db.query(
      "update campaigns set status = 'completed', ended_at = now() where id = $1 and status = 'running' returning *",
      [campaignId],
    );
    if (rows[0] === undefined) return findCampaign(db, campaignId);
    await addToOutbox(db, { kind: 'campaign_event', report: await toEvent(db, 'campaign.completed', rows[0]) });
    return { campaign_id: campaignId, status: 'completed' };
  });
}

/** @param {import('pg').PoolClient} db @param {string} campaignId
 *  @returns {Promise<{ campaign_id: string, status: string }>} */
async function findCampaign(db, campaignId) {
  const { rows } = await db.query('select id as campaign_id, status from campaigns where id = $1', [campaignId]);
  if (rows[0] === undefined) throw new NotFoundError(`no campaign ${campaignId}`);
  return rows[0];
}

/**
 * @param {import('pg').PoolClient} db @param {'campaign.started' | 'campaign.completed'} event
 * @param {Record<string, any>} campaign
 * @returns {Promise<import('@topcalls/webhooks/client').CampaignEvent>}
 */
async function toEvent(db, event, campaign) {
  const { rows } = await db.query(
    `select count(*) filter (where status = 'completed')::integer as completed,
            count(*) filter (where status = 'failed')::integer as failed
     from calls where campaign_id = $1`,
    [campaign['id']],
  );
  const { completed, failed } = rows[0];
  const total_leads = Math.max(campaign['total_leads'], completed + failed);
  return {
    event,
    campaign_id: campaign['id'],
    name: campaign['name'],
    status: campaign['status'],
    total_leads,
    // These have to add up to total_leads.
    stats: { pending: total_leads - completed - failed, completed, failed },
    created_at: campaign['created_at'].toISOString(),
    started_at: campaign['started_at'].toISOString(),
    end_at: campaign['ended_at']?.toISOString(),
    account_id: campaign['account_id'],
    ...campaign['webhook'],
  };
}
