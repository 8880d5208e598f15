/**
 * A receiver for node:http, Express 4 and 5, Connect, and any framework with node's request and response. It reads the
 * raw stream itself, so it needs no body parser. No body parser may run before it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkMethod } from '../contract/known-options.ts';
import type { ReceiverAnswer } from './answers.ts';
import type { WebhookReceiver } from './receive.ts';

/** How many bytes above the limit are still read, and dropped. A client that is cut off while it writes never reads
 *  its 413. */
const DROPPED_BYTES = 4_194_304;

/** Makes a handler for `http.createServer` and `app.post(path, …)`. It uses the body that `express.raw()` or
 *  `express.text()` read, or reads the stream. A body parsed by `express.json()` is answered `body_not_raw`, with the
 *  fix. Never rejects. */
export function nodeHandler(
  receiver: WebhookReceiver,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  checkMethod('nodeHandler', receiver, 'answer', 'pass the receiver: nodeHandler(receive({ secret, on }))');
  return async (request, response) => {
    const { method, headers } = request;
    // The body of another method is not read: the answer is 405 anyway.
    const read = method === 'POST' ? await bodyOf(request, receiver.maxBodyBytes) : { body: undefined };
    // The client has disconnected, so no answer can be sent.
    if (read === 'gone') return;
    const body = read.body as string | Uint8Array | undefined;
    send(response, await receiver.answer({ method, headers, body }), request);
  };
}

type Read = { readonly body: unknown } | 'gone';

async function bodyOf(request: IncomingMessage, limit: number): Promise<Read> {
  // `rawBody`: Google's functions keep it beside the parsed body, and so do many uses of express.json({ verify }).
  const { rawBody, body } = request as IncomingMessage & { readonly rawBody?: unknown; readonly body?: unknown };
  for (const raw of [rawBody, body]) {
    if (typeof raw === 'string' || ArrayBuffer.isView(raw)) return { body: raw };
  }
  if (isGone(request)) return 'gone';
  // A parser has read the stream. Pass on what it made: the receiver refuses that with the fix.
  if (request.readableDidRead) return { body };
  // The stream ended without data, and its `end` event does not come again.
  return request.readableEnded ? { body: Buffer.alloc(0) } : await readStream(request, limit);
}

/** Whether the request broke off, perhaps while an earlier middleware was busy. Its events have passed by then, so
 *  reading would never end. `complete` does not tell: a whole body that was not read yet is lost with its connection,
 *  too. */
function isGone(request: IncomingMessage): boolean {
  // HTTP/2 marks a request that broke off by `aborted` only; `destroyed` stays false there.
  const { aborted } = request as { readonly aborted?: boolean };
  return aborted === true || (request.destroyed && !request.readableEnded);
}

/** Reads the whole body, or its first `limit` + 1 bytes: enough for the receiver to see that it is too large. */
function readStream(request: IncomingMessage, limit: number): Promise<Read> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let kept = 0;
    let total = 0;
    const end = (): void => resolve({ body: Buffer.concat(chunks) });
    request.on('data', (chunk: Buffer) => {
      total += chunk.length;
      const room = chunk.subarray(0, limit + 1 - kept);
      kept += room.length;
      if (room.length > 0) chunks.push(room);
      if (total <= limit + DROPPED_BYTES) return;
      request.pause();
      end();
    });
    request.once('end', end);
    request.once('error', () => resolve('gone'));
    // The only event of a request that the host destroys. After `end` this call changes nothing.
    request.once('close', () => resolve('gone'));
  });
}

function send(response: ServerResponse, answer: ReceiverAnswer, request: IncomingMessage): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(answer.body);
  // Unread bytes stay in the connection, so it cannot carry another request. Not for HTTP/2: it has streams, and node
  // warns about this header.
  const isCut = !request.complete && request.httpVersionMajor < 2;
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(body.length),
    ...(isCut ? { connection: 'close' } : {}),
  });
  response.end(body);
}
