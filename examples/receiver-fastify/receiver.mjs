// A receiver on Fastify. Run it: WEBHOOK_SECRET=whsec_… PORT=3000 node receiver.mjs
import Fastify from 'fastify';
import { receive } from '@topcalls/webhooks/receiver';

const receiver = receive({
  secret: process.env.WEBHOOK_SECRET,
  on: {
    // Store the event and return: the sender waits for the answer. Slow work comes later.
    'call.completed': (call) => console.log('completed', call.call_id),
    'call.failed': (call) => console.log('failed', call.call_id),
  },
});

// Fastify's own limit is 1 MiB; a long transcript can be more.
const app = Fastify({ bodyLimit: receiver.maxBodyBytes });

async function answer(request, reply) {
  const { status, headers, body } = await receiver.answer(request);
  return reply.code(status).headers(headers).send(body);
}

app.register(async (webhooks) => {
  // In this scope only, JSON stays the bytes it came as: the signature is over them.
  webhooks.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  webhooks.post('/webhooks/call-complete', answer);
});
// The mistake, for comparison: parsed by Fastify, answered 500 body_not_raw, with what to do about it.
app.post('/webhooks/parsed', answer);

await app.listen({ port: Number(process.env.PORT ?? 3000) });
console.log('listening', app.server.address().port);
