/** The engine's HTTP API: each route calls one function. A real engine also authenticates its callers. */
import express from 'express';
import { createAccount } from './accounts.js';
import { artifactsOf, requireToken } from './artifacts.js';
import { createCall, endCall } from './calls.js';
import { completeCampaign, createCampaign, startCampaign } from './campaigns.js';
import { answerError } from './errors.js';
import { cancelWebhook, webhookStatus } from './webhook-control.js';

/**
 * @param {import('./webhook-control.js').Parts & {
 *   outbox: { wake(): void },
 *   config: Pick<typeof import('./config.js').config, 'egress' | 'internalToken' | 'artifactsAfterMs'>,
 * }} parts
 */
export function createApp({ outbox, config, ...parts }) {
  const { pool, webhooks } = parts;
  const app = express();
  app.use(express.json());

  app.post('/accounts', async (_request, response) => {
    response.status(201).json(await createAccount(pool));
  });
  app.post('/calls', async ({ body = {} }, response) => {
    response.status(201).json(await createCall(pool, body, config.egress));
  });
  app.post('/calls/:id/end', async ({ params, body = {} }, response) => {
    const call = await endCall(pool, params.id, body);
    outbox.wake();
    response.json(call);
  });

  app.post('/campaigns', async ({ body = {} }, response) => {
    response.status(201).json(await createCampaign(pool, body, config.egress));
  });
  app.post('/campaigns/:id/start', async ({ params }, response) => {
    const campaign = await startCampaign(pool, params.id);
    outbox.wake();
    response.json(campaign);
  });
  app.post('/campaigns/:id/complete', async ({ params }, response) => {
    const campaign = await completeCampaign(pool, params.id);
    outbox.wake();
    response.json(campaign);
  });

  app.get('/calls/:id/webhook', async ({ params }, response) => {
    response.json(await webhookStatus(parts, params.id));
  });
  app.post('/calls/:id/cancel-webhook', async ({ params, body = {} }, response) => {
    const answer = await cancelWebhook(parts, params.id, body.reason);
    response.status(answer.accepted ? 202 : 409).json(answer);
  });
  app.post('/calls/:id/retry-webhook', async ({ params }, response) => {
    const answer = await webhooks.call(params.id).retryNow();
    response.status(answer.accepted ? 202 : 409).json(answer);
  });
  app.post('/calls/:id/redeliver-webhook', async ({ params, body = {} }, response) => {
    response.status(202).json(await webhooks.call(params.id).redeliver({ force: body.force === true }));
  });

  app.get('/internal/calls/:id', requireToken(config.internalToken), async ({ params }, response) => {
    response.json(await artifactsOf(pool, String(params['id']), config.artifactsAfterMs));
  });

  app.use(answerError);
  return app;
}
