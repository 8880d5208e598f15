// A receiver on node:http alone. Run it: WEBHOOK_SECRET=whsec_… PORT=3000 node receiver.mjs
import { createServer } from 'node:http';
import { nodeHandler, receive } from '@topcalls/webhooks/receiver';

const receiver = receive({
  secret: process.env.WEBHOOK_SECRET,
  on: {
    // Store the event and return: the sender waits for the answer. Slow work comes later.
    'call.completed': (call) => console.log('completed', call.call_id),
    'call.failed': (call) => console.log('failed', call.call_id),
  },
});
const handleWebhook = nodeHandler(receiver);

const server = createServer((request, response) => {
  if (request.url === '/webhooks/call-complete') return handleWebhook(request, response);
  return response.writeHead(404).end();
});
server.listen(Number(process.env.PORT ?? 3000), () => console.log('listening', server.address().port));
