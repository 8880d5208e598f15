/** A receiver for everything that speaks Fetch: Hono, Next route handlers, Bun, Deno, workers. */
import type { WebhookReceiver } from './receive.ts';

/** A handler `(Request) => Promise<Response>`. The body must not have been read before: a `request.json()` in front is
 *  answered `body_not_raw` with the fix. Never rejects. */
export function webHandler(receiver: WebhookReceiver): (request: Request) => Promise<Response> {
  return async (request) => {
    const { method, headers } = request;
    let body: Uint8Array | undefined;
    try {
      body = method === 'POST' ? await bodyOf(request, receiver.maxBodyBytes) : undefined;
    } catch {
      // The connection broke inside the body: nobody reads this.
      return new Response(null, { status: 400 });
    }
    const answer = await receiver.answer({ method, headers, body });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
}

/** Every byte, or the first `limit` + 1; undefined where somebody else has read it. */
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
  // Not waited for, and its failure is nobody's: the sender must get its 413 whatever the stream makes of it.
  if (kept > limit) reader.cancel().catch(() => undefined);
  return Buffer.concat(chunks);
}
