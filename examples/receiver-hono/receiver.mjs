// A receiver on Hono, here on Node; on Bun, Deno and workers `export default app` instead of serve().
// Run it: WEBHOOK_SECRET=whsec_… PORT=3000 node receiver.mjs
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { receive, webHandler } from '@topcalls/webhooks/receiver';

const receiver = receive({
  secret: process.env.WEBHOOK_SECRET,
  on: {
    // Store the event and return: the sender waits for the answer. Slow work comes later.
    'call.completed': (call) => console.log('completed', call.call_id),
    'call.failed': (call) => console.log('failed', call.call_id),
  },
});
const handleWebhook = webHandler(receiver);

const app = new Hono();
app.post('/webhooks/call-complete', (c) => handleWebhook(c.req.raw));
// The mistake, for comparison: read before, answered 500 body_not_raw, with what to do about it.
app.post('/webhooks/parsed', async (c) => {
  await c.req.json();
  return handleWebhook(c.req.raw);
});

const port = Number(process.env.PORT ?? 3000);
serve({ fetch: app.fetch, port }, (address) => console.log('listening', address.port));
