/** Bodies of the codec server: read up to a limit, and turned from and to payloads in the JSON form of protobuf. */
import type { IncomingMessage } from 'node:http';
import type { Payload } from '@temporalio/common';
import * as z from 'zod';

/** More than one page of a history can hold: the server sends at most 4 MiB, which base64 makes 5.4 MiB. */
export const MAX_BODY_BYTES = 8 * 1_048_576;

/** Some 19,000 payloads. A body of nothing but empty ones would take a hundred times its size in memory. */
export const MAX_BODY_PARTS = 250_000;

/** Whether the JSON has more objects, lists and values than that. Base64 has none of these characters. */
export function isTooManyParts(body: string): boolean {
  let parts = 0;
  for (let at = 0; at < body.length && parts <= MAX_BODY_PARTS; at += 1) {
    if (PARTS.has(body.charCodeAt(at))) parts += 1;
  }
  return parts > MAX_BODY_PARTS;
}

const PARTS: ReadonlySet<number> = new Set(Array.from('{[:,', (character) => character.charCodeAt(0)));

const base64 = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const bodySchema = z.object({
  payloads: z.array(
    z.object({ metadata: z.record(z.string(), base64).default({}), data: base64.default(new Uint8Array()) }),
  ),
});

/** Resolves with the body; undefined when it is larger than `maxBytes`. Never holds more than that. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** `{ "payloads": [{ "metadata": { name: base64 }, "data": base64 }] }` → payloads. Undefined for anything else. */
export function payloadsIn(body: string): Payload[] | undefined {
  try {
    return bodySchema.parse(JSON.parse(body)).payloads;
  } catch {
    // Without a cause: both parsers quote the text.
    return undefined;
  }
}

/** Payloads → the same JSON. */
export function bodyOf(payloads: readonly Payload[]): string {
  return JSON.stringify({
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, textOf(value)])),
      data: textOf(data ?? new Uint8Array()),
    })),
  });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
