/**
 * A receiver for node:http, Express 4 and 5, Connect and everything else with node's request and response. Reads the raw
 * stream itself, so no body parser is needed, and none may have parsed the body before.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReceiverAnswer } from './answers.ts';
import type { WebhookReceiver } from './receive.ts';

/** Bytes above the limit that are still read and dropped: a client that is cut off while it writes never reads its 413. */
const DROPPED_BYTES = 4_194_304;

/** A handler for `http.createServer` and `app.post(path, …)`. Takes what `express.raw()` or `express.text()` left, else
 *  reads the stream; a body that `express.json()` parsed is answered `body_not_raw` with the fix. Never rejects. */
export function nodeHandler(
  receiver: WebhookReceiver,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { method, headers } = request;
    // A request that is refused for its method is not read.
    const read = method === 'POST' ? await bodyOf(request, receiver.maxBodyBytes) : { body: undefined };
    // Nobody is there any more who could be answered.
    if (read === 'gone') return;
    const body = read.body as string | Uint8Array | undefined;
    send(response, await receiver.answer({ method, headers, body }), request);
  };
}

type Read = { readonly body: unknown } | 'gone';

async function bodyOf(request: IncomingMessage, limit: number): Promise<Read> {
  // `rawBody`: kept beside the parsed body by Google's functions, and by many an express.json({ verify }).
  const { rawBody, body } = request as IncomingMessage & { readonly rawBody?: unknown; readonly body?: unknown };
  for (const raw of [rawBody, body]) {
    if (typeof raw === 'string' || ArrayBuffer.isView(raw)) return { body: raw };
  }
  if (isGone(request)) return 'gone';
  // Read by somebody else: what is left is what a parser made of it, which the receiver refuses with the fix.
  if (request.readableDidRead) return { body };
  // Its `end` has passed with nothing before it, and does not come again.
  return request.readableEnded ? { body: Buffer.alloc(0) } : await readStream(request, limit);
}

/** Whether the request broke off, perhaps while a middleware in front was busy: its events have passed, so nothing would
 *  ever end the reading. Not by `complete`: a whole body that nobody had read yet is lost with its connection, too. */
function isGone(request: IncomingMessage): boolean {
  // `destroyed` stays false in HTTP/2, which knows a request that broke off by this alone.
  const { aborted } = request as { readonly aborted?: boolean };
  return aborted === true || (request.destroyed && !request.readableEnded);
}

/** Every byte, or the first `limit` + 1: enough for the receiver to see that it is too large. */
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
    // A request that the host destroys ends with this alone. After `end` it resolves nothing any more.
    request.once('close', () => resolve('gone'));
  });
}

function send(response: ServerResponse, answer: ReceiverAnswer, request: IncomingMessage): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(answer.body);
  // What was not read stays in the connection, so it cannot carry another request. HTTP/2 has streams, and node warns of
  // that header there.
  const isCut = !request.complete && request.httpVersionMajor < 2;
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(body.length),
    ...(isCut ? { connection: 'close' } : {}),
  });
  response.end(body);
}
