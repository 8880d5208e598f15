// A receiver as a Next route handler (App Router): POST /webhooks/call-complete. It needs no settings, because a route
// handler gets the body unread. Several instances, as on a serverless host, need a shared store: see
// PostgresSeenEvents.
import { receive, webHandler } from '@topcalls/webhooks/receiver';

const receiver = receive({
  secret: process.env['WEBHOOK_SECRET'],
  on: {
    // Store the event and return: the sender waits for the answer. Slow work comes later.
    'call.completed': (call) => console.log('completed', call.call_id),
    'call.failed': (call) => console.log('failed', call.call_id),
  },
});

export const POST = webHandler(receiver);
