/** Accounts and their signing secrets. The engine makes them, and the worker looks them up at each attempt. */
import { randomBytes, randomUUID } from 'node:crypto';

/** Makes an account. The customer sees its secret only this once.
 *  @param {import('pg').Pool} pool @returns {Promise<{ account_id: string, webhook_secret: string }>} */
export async function createAccount(pool) {
  const account_id = `acct_${randomUUID()}`;
  // The form of Standard Webhooks: 24 to 64 random bytes. Any other text signs the X-TopCalls-Signature header only.
  const webhook_secret = `whsec_${randomBytes(32).toString('base64')}`;
  await pool.query('insert into accounts (id, webhook_secret) values ($1, $2)', [account_id, webhook_secret]);
  return { account_id, webhook_secret };
}

/**
 * The worker's port to these secrets. A call's `account_id` is the reference. An unknown one ends the delivery as
 * refused. Where the database is down this throws, and the ladder makes the attempt again.
 * @param {import('pg').Pool} pool
 * @returns {import('@topcalls/webhooks/activities').SigningSecrets}
 */
export function accountSecrets(pool) {
  return {
    forEndpoint: async (ref) => {
      const { rows } = await pool.query('select webhook_secret from accounts where id = $1', [ref]);
      return rows[0] && { current: rows[0].webhook_secret };
    },
  };
}
