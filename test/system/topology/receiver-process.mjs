/**
 * The customer's server, a process of its own: verifies every webhook with `verifyWebhook` and notes what came. The last part
 * of a URL's path says how each webhook is answered: /hook/503-200 = 503 to its first POST, 200 from then on.
 * GET /notes tells what came. Started by run.mjs, ends with it.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { built } from './built.mjs';

const { verifyWebhook } = built('receiver/index');
const secret = process.env.WEBHOOK_SECRET ?? '';
const notes = [];

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(notes));
    return;
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const verified = verifyWebhook(body, request.headers, secret);
    const id = request.headers['webhook-id'];
    const before = notes.filter((note) => note.id === id).length;
    const answers = request.url.split('/').at(-1).split('-').map(Number);
    const { call_id: callId, artifacts } = verified.ok ? verified.payload : {};
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    notes.push({ id, callId, artifacts, bodySha256, ok: verified.ok, event: verified.event });
    response.writeHead(answers[Math.min(before, answers.length - 1)]).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
