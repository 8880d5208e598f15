/** A receiver for frameworks with Fetch's Request and Response: Hono, Next route handlers, Bun, Deno, edge workers. */
import { checkMethod } from '../contract/known-options.ts';
import type { WebhookReceiver } from './receive.ts';

/** Makes a handler `(Request) => Promise<Response>`. Nothing may read the body before it: an earlier `request.json()`
 *  is answered `body_not_raw`, with the fix. Never rejects. */
export function webHandler(receiver: WebhookReceiver): (request: Request) => Promise<Response> {
  checkMethod('webHandler', receiver, 'answer', 'pass the receiver: webHandler(receive({ secret, on }))');
  return async (request) => {
    const { method, headers } = request;
    let body: Uint8Array | undefined;
    try {
      body = method === 'POST' ? await bodyOf(request, receiver.maxBodyBytes) : undefined;
    } catch {
      // The connection broke inside the body, so this answer reaches nobody.
      return new Response(null, { status: 400 });
    }
    const answer = await receiver.answer({ method, headers, body });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
}

/** Reads the whole body, or its first `limit` + 1 bytes. Undefined if other code has read it already. */
async function bodyOf(request: Request, limit: number): Promise<Uint8Array | undefined> {
  if (request.bodyUsed || request.body?.locked === true) return undefined;
  const chunks: Uint8Array[] = [];
  let kept = 0;
  if (request.body === null) return new Uint8Array();
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  while (kept <= limit) {
    const { done, value } = await reader.read();
    if (done || value === undefined) break;
    const room = value.subarray(0, limit + 1 - kept);
    kept += room.length;
    chunks.push(room);
  }
  // Not awaited, and its failure is ignored: the sender must get its 413 in any case.
  if (kept > limit) reader.cancel().catch(() => undefined);
  return Buffer.concat(chunks);
}
