// A receiver on Express 5. Run it: WEBHOOK_SECRET=whsec_… PORT=3000 node receiver.mjs
import express from 'express';
import { nodeHandler, receive } from '@topcalls/webhooks/receiver';

const receiver = receive({
  secret: process.env.WEBHOOK_SECRET,
  on: {
    // Store the event and return: the sender waits for the answer. Slow work comes later.
    'call.completed': (call) => console.log('completed', call.call_id),
    'call.failed': (call) => console.log('failed', call.call_id),
  },
});

const app = express();
// Above express.json(): the signature is over the body's bytes, which a parser discards.
app.post('/webhooks/call-complete', nodeHandler(receiver));
app.use(express.json());
// The mistake, for comparison: answered 500 body_not_raw, with what to do about it.
app.post('/webhooks/parsed', nodeHandler(receiver));

const server = app.listen(Number(process.env.PORT ?? 3000), () => console.log('listening', server.address().port));
