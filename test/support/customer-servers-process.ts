/**
 * The customers' servers in a process of its own: one port, and the first part of a URL's path says how it behaves.
 * The log (LOG) gets every POST as it arrives, its answer, and how the connection ended. A second listener has an
 * address that the workers may not reach. It notes every connection, and there must be none. customer-servers.ts
 * starts it, and it ends with its parent.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { verifyWebhook } from '../../receiver/index.ts';
import { logTo } from './log-file.ts';
import { randomOf } from './random.ts';

const { LOG = '', WEBHOOK_SECRET = '', SEED, HOST, FORBIDDEN_HOST } = process.env as Readonly<Record<string, string>>;
const note = logTo(LOG);
const random = randomOf(Number(SEED));
const firstSeen = new Map<string, number>();
let posts = 0;

/** A POST and the ways to answer it. `say` notes the status and then sends it; `cut` leaves the answer unfinished. */
type Visit = {
  readonly attempt: number;
  /** 0 for the first POST of a webhook id, counted over all its ladders. */
  readonly before: number;
  readonly rest: string;
  readonly socket: Socket;
  readonly say: (status: number, headers?: OutgoingHttpHeaders, how?: 'whole' | 'cut') => void;
};

/** How each kind answers. */
const KINDS: Readonly<Record<string, (visit: Visit) => void>> = {
  /** `answers/503-200`: 503 to the first POST of a webhook, 200 from then on. */
  answers: ({ say, before, rest }) => {
    const statuses = rest.split('-').map(Number);
    say(statuses[Math.min(before, statuses.length - 1)] ?? 200);
  },
  good: ({ say }) => say(200),
  flaky: ({ say }) => say(random.chance(0.6) ? random.oneOf([500, 503, 404]) : 200),
  down: ({ say }) => say(503),
  slow: ({ say }) => void setTimeout(() => say(200), random.between(1_000, 9_000)),
  slowflaky: ({ say }) => void setTimeout(() => say(random.chance(0.5) ? 500 : 204), random.between(500, 4_000)),
  hold: ({ say, attempt }) => {
    if (attempt > 2) say(200);
  },
  reset: ({ say, socket }) => {
    say(200, { 'content-length': '1000' }, 'cut');
    setTimeout(() => socket.resetAndDestroy(), 20);
  },
  vanish: ({ say, socket, attempt }) => {
    if (attempt > 2) say(200);
    else socket.destroy();
  },
  gone: ({ say, attempt }) => say(attempt > 1 ? 410 : random.oneOf([410, 500])),
  hurried: ({ say }) => say(random.chance(0.5) ? 429 : 200, { 'retry-after': '2' }),
  redirect: ({ say, attempt }) => say(attempt > 1 ? 200 : 307, { location: '/canary' }),
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('error', () => {});
  request.on('end', () => {
    posts += 1;
    const n = posts;
    const body = Buffer.concat(chunks);
    const hook = (request.url ?? '').slice(1);
    const [kind = '', rest = ''] = hook.split('/');
    if (kind === 'canary') {
      note({ type: 'touched', what: 'a redirect was followed' });
      response.end();
      return;
    }
    const { headers, socket } = request;
    const attempt = Number(headers['x-topcalls-attempt']);
    const id = String(headers['webhook-id']);
    const before = firstSeen.get(id) ?? 0;
    firstSeen.set(id, before + 1);
    const verified = verifyWebhook(body, headers, WEBHOOK_SECRET);
    note({
      type: 'arrived',
      n,
      hook,
      id,
      attempt,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      verdict: verified.ok ? 'ok' : verified.code,
      sentAt: Number(headers['webhook-timestamp']) * 1_000,
      ...(verified.ok ? factsOf(verified.event, verified.payload) : {}),
    });
    response.on('error', () => {});
    response.on('close', () => note({ type: 'ended', n, fate: response.writableFinished ? 'whole' : 'broken' }));
    const say: Visit['say'] = (status, more = {}, how = 'whole') => {
      if (response.destroyed || socket.destroyed) return;
      note({ type: 'answering', n, status });
      if (status < 300) process.send?.({ taken: n });
      response.writeHead(status, more);
      if (how === 'whole') response.end();
      else response.flushHeaders();
    };
    KINDS[kind]?.({ attempt, before, rest, socket, say });
  });
});

function factsOf(event: string, { call_id: callId, artifacts }: Readonly<Record<string, unknown>>): object {
  return { event, callId, artifacts };
}

const forbidden = createTcpServer((socket) => {
  note({ type: 'touched', what: 'a connection to a forbidden address' });
  socket.destroy();
});
server.listen(0, HOST, () => {
  const { port } = server.address() as AddressInfo;
  forbidden.listen(0, FORBIDDEN_HOST, () => {
    process.send?.({ port, forbiddenPort: (forbidden.address() as AddressInfo).port });
  });
});
process.on('disconnect', () => process.exit(0));
