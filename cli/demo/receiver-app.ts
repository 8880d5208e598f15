/**
 * The web framework of the demo's receiver: Express when it is installed, else a stand-in on node:http with the few
 * methods of the vendor's example. The example's code is the same on both. Express is no dependency of this package:
 * everyone who only sends or verifies a webhook would install its sixty packages.
 */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { pathOf } from '../process/request-path.ts';

/** What a handler reads of a request, with Express's names. `body` is the parsed JSON. */
export type AppRequest = { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body?: unknown };
/** What a handler answers with. */
export type AppResponse = { status(code: number): AppResponse; json(value: unknown): unknown };
/** A handler. When it calls `next`, the next one in the list goes on. */
export type AppHandler = (req: AppRequest, res: AppResponse, next: () => void) => unknown;
/** The part of an Express application that the example uses. */
export type App = {
  post(path: string, ...handlers: readonly AppHandler[]): unknown;
  listen(port: number, host: string, ready: () => void): Server;
};

/** An application with a JSON parser, and the name of its framework. */
export async function receiverApp(): Promise<{ readonly app: App; readonly framework: string }> {
  try {
    const { default: express } = await import('express');
    return { app: express().use(express.json()) as App, framework: 'Express' };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    return { app: nodeHttpApp(), framework: 'node:http' };
  }
}

/** The stand-in: exact paths, `POST` only, and `express.json()` with its limit of 100 kB. */
export function nodeHttpApp(): App {
  const routes = new Map<string, readonly AppHandler[]>();
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const handlers = req.method === 'POST' ? routes.get(pathOf(req)) : undefined;
    const says = responseOn(res);
    if (handlers === undefined) return void says.status(404).json({ error: 'Not found' });
    try {
      const body: unknown = JSON.parse(await textOf(req));
      const request = { url: req.url ?? '/', headers: req.headers, body };
      const go = (index: number): unknown => handlers[index]?.(request, says, () => go(index + 1));
      await go(0);
    } catch (error) {
      const status = error instanceof SyntaxError ? 400 : error instanceof RangeError ? 413 : 500;
      if (!res.headersSent) says.status(status).json({ error: (error as Error).name });
    }
  };
  const server = createServer((req, res) => void answer(req, res));
  return {
    post: (path, ...handlers) => routes.set(path, handlers),
    listen: (port, host, ready) => server.listen(port, host, ready),
  };
}

function responseOn(res: ServerResponse): AppResponse {
  const says: AppResponse = {
    status: (code) => {
      res.statusCode = code;
      return says;
    },
    json: (value) => res.setHeader('content-type', 'application/json; charset=utf-8').end(JSON.stringify(value)),
  };
  return says;
}

// The default of express.json().
const MAX_BODY_BYTES = 102_400;

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RangeError('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
