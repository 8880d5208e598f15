/** Calls: created with their webhook settings, ended together with the outbox row that reports the end. */
import { randomUUID } from 'node:crypto';
import { InvalidInputError, parseWebhookConfig } from '@topcalls/webhooks/contract';
import { transaction } from './database.js';
import { NotFoundError, requireTexts } from './errors.js';
import { addToOutbox } from './outbox.js';

/** @typedef {import('@topcalls/webhooks/contract').EgressOptions} EgressOptions */

/**
 * Creates a call. Its webhook settings are checked now, while the caller can still correct them.
 * @param {import('pg').Pool} pool
 * @param {Record<string, any>} body account_id, phone_number, from_phone_number; campaign_id?, record?, webhook_url?,
 *   webhook_events?, metadata?
 * @param {EgressOptions} egress
 * @returns {Promise<{ call_id: string }>} Throws InvalidInputError.
 */
export async function createCall(pool, body, egress) {
  requireTexts('call', body, ['account_id', 'phone_number', 'from_phone_number']);
  const { account_id, phone_number, from_phone_number, campaign_id = null, record = true } = body;
  // Named one by one: with a secret_ref of their choice, a customer could sign with another customer's secret.
  const { webhook_url, webhook_events, metadata } = body;
  const webhook = parseWebhookConfig({ webhook_url, webhook_events, metadata }, 'call', { egress });
  const call_id = `call_${randomUUID()}`;
  await pool.query(
    `insert into calls (id, account_id, campaign_id, phone_number, from_phone_number, record, webhook)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [call_id, account_id, campaign_id, phone_number, from_phone_number, record !== false, JSON.stringify(webhook)],
  );
  return { call_id };
}

/**
 * Ends a call, and writes its report into the outbox in the same transaction. Both happen, or neither. Ending it again
 * changes nothing.
 * @param {import('pg').Pool} pool @param {string} callId
 * @param {Record<string, any>} body status: 'completed' or 'failed'; answered_by?, error_message?
 * @returns {Promise<{ call_id: string, status: string }>} Throws InvalidInputError, NotFoundError.
 */
export async function endCall(pool, callId, body) {
  const { status, answered_by = null, error_message = null } = body;
  if (status !== 'completed' && status !== 'failed') {
    throw new InvalidInputError('call', [{ field: 'status', problem: 'must be "completed" or "failed"' }]);
  }
  return transaction(pool, async (db) => {
    const ended = await db.query(
      `update calls set status = $2, answered_by = $3, error_message = $4, ended_at = now()
       where id = $1 and ended_at is null returning *`,
      [callId, status, answered_by, error_message],
    );
    const [call] = ended.rows;
    if (call === undefined) return findCall(db, callId);
    const campaigns = await db.query('select webhook from campaigns where id = $1', [call.campaign_id]);
    const report = toCallEnded(call, campaigns.rows[0]?.webhook);
    await addToOutbox(db, { kind: 'call_ended', callId, report });
    return { call_id: callId, status };
  });
}

/** @param {import('pg').Pool | import('pg').PoolClient} db @param {string} callId
 *  @returns {Promise<{ call_id: string, status: string }>} Throws NotFoundError. */
export async function findCall(db, callId) {
  const { rows } = await db.query('select id as call_id, status from calls where id = $1', [callId]);
  if (rows[0] === undefined) throw new NotFoundError(`no call ${callId}`);
  return rows[0];
}

/**
 * The engine's record in the field names of the webhook body, plus settings. `duration` is left out, so the package
 * computes it from the times. `account_id` names the secret.
 * @param {Record<string, any>} call @param {object | undefined} campaignWebhook
 * @returns {import('@topcalls/webhooks/client').CallEnded}
 */
function toCallEnded(call, campaignWebhook) {
  return {
    call_id: call['id'],
    status: call['status'],
    phone_number: call['phone_number'],
    from_phone_number: call['from_phone_number'],
    answered_by: call['answered_by'],
    campaign_id: call['campaign_id'],
    created_at: call['created_at'].toISOString(),
    started_at: call['created_at'].toISOString(),
    end_at: call['ended_at'].toISOString(),
    error_message: call['error_message'],
    ...call['webhook'],
    campaign: campaignWebhook,
    account_id: call['account_id'],
    // The run does not wait for a recording that this call will never have.
    expects: { recording: call['record'] },
  };
}
