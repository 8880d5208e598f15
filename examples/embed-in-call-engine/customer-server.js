/** The customer's side: verifies, acknowledges quickly, and takes each webhook once. Needs no Temporal. */
import { verifyWebhook } from '@topcalls/webhooks/receiver';
import express from 'express';

const { WEBHOOK_SECRET = '', CUSTOMER_PORT = '4000' } = process.env;
if (WEBHOOK_SECRET === '') throw new Error('WEBHOOK_SECRET is not set: POST /accounts of the engine shows it once');

/** In production use a unique key in the database: delivery is at least once. @type {Set<string>} */
const seen = new Set();

const app = express();
// The raw bytes: the signature is over them, not over parsed JSON. Express stops at 100 kB by default.
app.post('/webhooks', express.raw({ type: 'application/json', limit: '2mb' }), ({ body, headers }, response) => {
  const verified = verifyWebhook(body, headers, WEBHOOK_SECRET);
  if (!verified.ok) {
    console.log(`customer: refused, ${verified.code}: ${verified.fix}`);
    response.status(401).json(verified);
    return;
  }
  // Never missing here: only a request accepted by allowBodyOnlySignature has no signed id.
  const id = String(verified.id);
  if (!seen.has(id)) {
    seen.add(id);
    console.log(`customer: ${verified.event} ${body.toString()}`);
  }
  response.sendStatus(200);
});
app.listen(Number(CUSTOMER_PORT), () => console.log(`customer: listening on port ${CUSTOMER_PORT}`));
