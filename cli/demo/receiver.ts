/**
 * The customer's server of `demo` and `dev`: the Express example of the vendor's page, with the page's verify function
 * unchanged. It runs as a child process, knows nothing of this package, and tells its parent what came in. Only an
 * outage is added: `?outage=2` answers 503 to the first two requests of each webhook.
 */
import crypto from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { receiverApp } from './receiver-app.ts';
import type { AppHandler, AppRequest } from './receiver-app.ts';
import type { ReceiverMessage } from './receiver-messages.ts';

const WEBHOOK_SECRET = process.env['WEBHOOK_SECRET'] ?? '';

// Source: seed page, "Signature Verification". Only the types are added.
function verifyWebhookSignature(payload: unknown, signature: string, secret: string): boolean {
  const hmac = crypto.createHmac('sha256', secret);
  const digest = hmac.update(JSON.stringify(payload)).digest('hex');
  return crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(digest));
}

// Source: seed page, "Signature Verification": the handler of '/webhooks/call-complete'.
const callComplete: AppHandler = (req, res) => {
  const signature = req.headers['x-topcalls-signature'];

  if (!verifyWebhookSignature(req.body, String(signature), WEBHOOK_SECRET)) {
    tell(req, 401, 'invalid signature');
    return res.status(401).json({ error: 'Invalid signature' });
  }

  tell(req, 200, 'signature valid');
  return res.status(200).json({ received: true });
};

const refused = new Map<string, number>();

/** Answers 503 to as many requests per webhook as the query says. `?outage=Infinity` never ends. */
const outage: AppHandler = (req, res, next) => {
  const planned = Number(new URL(req.url, 'http://receiver').searchParams.get('outage') ?? 0);
  const id = String(req.headers['webhook-id']);
  const made = refused.get(id) ?? 0;
  if (made >= planned) return next();
  refused.set(id, made + 1);
  tell(req, 503, 'down for maintenance');
  return res.status(503).json({ error: 'Down for maintenance' });
};

function tell(req: AppRequest, status: number, note: string): void {
  const { call_id: callId } = req.body as { call_id?: unknown };
  send({ kind: 'request', callId: String(callId), event: String(req.headers['x-topcalls-event']), status, note });
}

function send(message: ReceiverMessage): void {
  process.send?.(message);
}

// Ctrl-C reaches the whole process group, but the worker's attempts in flight still need an answer. The parent ends
// this process by closing the channel. The system closes it, too, when the parent is killed.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

async function main(): Promise<void> {
  const { app, framework } = await receiverApp();
  app.post('/webhooks/call-complete', outage, callComplete);
  const server = app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
    send({ kind: 'listening', port: (server.address() as AddressInfo).port, framework });
  });
}

void main();
