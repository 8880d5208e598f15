/**
 * What support does with a call's webhook: look, cancel, hurry, send again. Each has to know the outbox too, because a
 * call whose report still waits there has no run yet.
 */
import { WebhookNotFoundError } from '@topcalls/webhooks/client';
import { findCall } from './calls.js';
import { outboxRowOf, takeBack } from './outbox.js';

/**
 * @typedef {object} Parts
 * @property {import('pg').Pool} pool
 * @property {import('@topcalls/webhooks/client').WebhookClient} webhooks
 * @property {import('@topcalls/webhooks/adapters').DeliveryLogReader} log
 */

/** Outcomes of an outbox row that has a run. */
const WITH_RUN = new Set(['started', 'reported_before', 'reported_differently']);

/** The state of a call's webhook. Throws NotFoundError, TemporalUnavailableError. @param {Parts} parts
 *  @param {string} callId @returns {Promise<object>} */
export async function webhookStatus({ pool, webhooks, log }, callId) {
  const row = await outboxRowOf(pool, callId);
  if (row === undefined) return { state: (await findCall(pool, callId)).status };
  const { outcome, problem, tries } = row;
  if (outcome === null) return { state: 'in_outbox', problem, tries };
  if (!WITH_RUN.has(outcome)) return { state: outcome, problem, tries };
  try {
    const status = await webhooks.call(callId).status();
    return problem === null ? status : { ...status, problem };
  } catch (error) {
    if (!(error instanceof WebhookNotFoundError)) throw error;
    // Temporal forgets a run after the namespace's retention; the delivery log does not.
    const { records } = await log.list({ callId });
    return { state: records[0]?.state ?? 'unknown', records };
  }
}

/**
 * Cancels. If the report still waits, it is taken back first, so that it cannot start a run later. Then the run is
 * cancelled, if there is one. There may be one even if the report waited: the answer to the start may have been lost.
 * Where this throws TemporalUnavailableError, cancel again.
 * @param {Parts} parts @param {string} callId @param {string} [reason]
 * @returns {Promise<import('@topcalls/webhooks/client').CancelAnswer>}
 */
export async function cancelWebhook({ pool, webhooks }, callId, reason) {
  await findCall(pool, callId);
  const isTakenBack = await takeBack(pool, callId);
  try {
    return await webhooks.call(callId).cancel(reason === undefined ? {} : { reason });
  } catch (error) {
    if (isTakenBack && error instanceof WebhookNotFoundError) return { accepted: true };
    throw error;
  }
}
