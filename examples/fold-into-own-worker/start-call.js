/** Starts one call and waits: first for the host's own workflow, then for the webhook that it has started. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient } from '@topcalls/webhooks/client';
import { config } from './config.js';

const { temporalAddress: address, taskQueue, webhookUrl } = config;
const connection = await Connection.connect({ address });
const client = new Client({ connection });
const call_id = randomUUID();

const order = { call_id, phone_number: '+14155551234', webhook_url: webhookUrl };
const reported = await client.workflow.execute('conductCall', {
  workflowId: `call/${call_id}`,
  taskQueue,
  args: [order],
});
console.log(`call/${call_id} completed; its webhook is ${reported}`);

const { state, artifacts } = await new WebhookClient(client).call(call_id).result();
console.log(`${reported} ended as ${state} ${JSON.stringify(artifacts)}`);
await connection.close();
