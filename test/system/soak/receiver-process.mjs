/**
 * The customers' servers, a process of its own: one port, and the first part of a URL's path says how it behaves. Notes every
 * POST as it arrives, what is answered, and how the connection ended, in the receiver log (LOG). A second listener, at an
 * address the workers are forbidden, notes every connection: there must be none. Ends with its parent.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { built } from '../topology/built.mjs';
import { logTo } from './log-file.mjs';
import { randomOf } from './random.mjs';

const { verifyWebhook } = built('receiver/index');
const { LOG, WEBHOOK_SECRET, SEED, FORBIDDEN_HOST } = process.env;
const note = logTo(LOG);
const random = randomOf(Number(SEED));
let posts = 0;

/** How each kind answers. `say` notes the status first and then sends it. */
const KINDS = {
  good: ({ say }) => say(200),
  flaky: ({ say }) => say(random.chance(0.6) ? random.oneOf([500, 503, 404]) : 200),
  down: ({ say }) => say(503),
  slow: ({ say }) => setTimeout(() => say(200), random.between(1_000, 9_000)),
  slowflaky: ({ say }) => setTimeout(() => say(random.chance(0.5) ? 500 : 204), random.between(500, 4_000)),
  hold: ({ say, attempt }) => attempt > 2 && say(200),
  reset: ({ say, socket }) => {
    say(200, { 'content-length': '1000' }, 'cut');
    setTimeout(() => socket.resetAndDestroy(), 20);
  },
  vanish: ({ say, socket, attempt }) => (attempt > 2 ? say(200) : socket.destroy()),
  gone: ({ say, attempt }) => say(attempt > 1 ? 410 : random.oneOf([410, 500])),
  hurried: ({ say }) => say(random.chance(0.5) ? 429 : 200, { 'retry-after': '2' }),
  redirect: ({ say, attempt }) => say(attempt > 1 ? 200 : 307, { location: '/canary' }),
};

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('error', () => {});
  request.on('end', () => {
    posts += 1;
    const n = posts;
    const body = Buffer.concat(chunks);
    const hook = request.url.slice(1);
    const [kind] = hook.split('/');
    if (kind === 'canary') {
      note({ type: 'touched', what: 'a redirect was followed' });
      response.end();
      return;
    }
    const { headers } = request;
    const attempt = Number(headers['x-topcalls-attempt']);
    const verified = verifyWebhook(body, headers, WEBHOOK_SECRET);
    note({
      type: 'arrived',
      n,
      hook,
      id: headers['webhook-id'],
      attempt,
      event: headers['x-topcalls-event'],
      bodySha256: createHash('sha256').update(body).digest('hex'),
      verdict: verified.ok ? 'ok' : verified.code,
      sentAt: Number(headers['webhook-timestamp']) * 1_000,
    });
    response.on('error', () => {});
    response.on('close', () => note({ type: 'ended', n, fate: response.writableFinished ? 'whole' : 'broken' }));
    const say = (status, more = {}, how = 'whole') => {
      if (response.destroyed || request.socket.destroyed) return;
      note({ type: 'answering', n, status });
      if (status < 300) process.send({ taken: n });
      response.writeHead(status, more);
      if (how === 'whole') response.end();
      else response.flushHeaders();
    };
    KINDS[kind]({ say, attempt, socket: request.socket });
  });
});
const forbidden = createTcpServer((socket) => {
  note({ type: 'touched', what: 'a connection to a forbidden address' });
  socket.destroy();
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  forbidden.listen(0, FORBIDDEN_HOST, () => process.send({ port, forbiddenPort: forbidden.address().port }));
});
process.on('disconnect', () => process.exit(0));
