/**
 * The codec server's HTTP: `/encode` and `/decode` as Temporal's remote codecs speak them, and `/login` for a browser.
 * It checks web origin, token or session, and namespace, in this order, before it reads a byte of a body. A payload
 * appears only in the answer to its request: never in a log or an error.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { PayloadCodec } from '@temporalio/common';
import { PayloadDecryptionError } from '../../codec/index.ts';
import type { CodecAccess } from './access.ts';
import { bodyOf, isTooManyParts, MAX_BODY_BYTES, MAX_BODY_PARTS, payloadsIn, readBody } from './body.ts';
import { loginPage, MAX_FORM_BYTES, PAGE_HEADERS, tokenIn } from './login-page.ts';
import { pathOf } from '../process/request-path.ts';
import { decodedBeside } from './stored.ts';
import { Turns } from './turns.ts';

/** What a codec server needs. */
export type CodecService = {
  readonly codec: PayloadCodec;
  readonly access: CodecAccess;
  /** The one web origin whose scripts may use it. */
  readonly origin: string;
  readonly namespaces: readonly string[];
  /** Gets one line per answered request, without a payload. */
  readonly log: (line: string) => void;
};

/** For `createServer`. */
export function codecListener(service: CodecService): RequestListener {
  const turns = new Turns();
  return (request, response) => {
    const startedAt = Date.now();
    const pathname = pathOf(request);
    response.on('finish', () => {
      const { method } = request;
      service.log(`${method} ${pathname.slice(0, 40)} ${response.statusCode} in ${Date.now() - startedAt} ms`);
    });
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    answer({ ...service, turns }, request, response, pathname).catch(() => {
      // The peer went away, or this is our bug. The error may quote a payload, so it is not shown.
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'failed', 'the codec server could not answer');
    });
  };
}

async function answer(
  service: CodecService & { readonly turns: Turns },
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
): Promise<void> {
  if (pathname === '/healthz') return send(response, 200, { status: 'ok' });
  if (pathname === '/' || pathname === '/login') return logIn(service, request, response);
  const verb = pathname === '/encode' ? 'encode' : pathname === '/decode' ? 'decode' : undefined;
  if (verb === undefined) return refuse(response, 404, 'not_found', 'try /encode, /decode, /login');
  if (!admitOrigin(service, request, response)) return undefined;
  if (request.method === 'OPTIONS') return preflight(response);
  if (request.method !== 'POST') return refuse(response, 405, 'method_not_allowed', 'POST payloads here');
  if (!service.access.allows(request.headers)) {
    response.setHeader('www-authenticate', 'Bearer');
    const fix = 'send "Authorization: Bearer <token>"; in the Web UI log in at this server and include credentials';
    return refuse(response, 401, 'unauthorized', fix);
  }
  const namespace = request.headers['x-namespace'];
  if (typeof namespace !== 'string' || !service.namespaces.includes(namespace)) {
    return refuse(
      response,
      403,
      'namespace_not_allowed',
      'the header X-Namespace names no namespace that is served here',
    );
  }
  const endTurn = await service.turns.take(service.access.holderOf(request));
  if (endTurn === undefined) {
    response.setHeader('retry-after', '1');
    return refuse(response, 429, 'too_many_requests', 'too many requests of yours wait already: send fewer at once');
  }
  // The turn lasts until the answer has left: one that nobody reads is in memory, too.
  response.once('close', endTurn);
  if (response.destroyed || response.closed) return endTurn();
  response.setTimeout(ANSWER_TIMEOUT_MS, () => response.destroy());
  return convert(service.codec, verb, request, response);
}

/** How long a body may take to arrive, or its answer to leave, without a byte. */
const ANSWER_TIMEOUT_MS = 30_000;

async function convert(
  codec: PayloadCodec,
  verb: 'encode' | 'decode',
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === undefined) return refuse(response, 413, 'too_large', `at most ${MAX_BODY_BYTES} bytes`);
  if (isTooManyParts(body)) return refuse(response, 413, 'too_large', `at most ${MAX_BODY_PARTS} parts of JSON`);
  const payloads = payloadsIn(body);
  if (payloads === undefined) return refuse(response, 400, 'bad_request', 'not a JSON document of payloads');
  try {
    const converted = await (verb === 'encode' ? codec.encode(payloads) : decodedBeside(codec, payloads));
    response.writeHead(200, { 'content-type': 'application/json' }).end(bodyOf(converted));
  } catch (error) {
    if (!(error instanceof PayloadDecryptionError)) throw error;
    refuse(response, 400, error.code, error.message);
  }
}

/** False: refused. A request without an Origin is no browser's script, so CORS does not concern it. */
function admitOrigin({ origin }: CodecService, request: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader('vary', 'Origin');
  if (request.headers.origin === undefined) return true;
  if (request.headers.origin !== origin) {
    refuse(response, 403, 'origin_not_allowed', 'this codec server serves one web origin, and yours is another');
    return false;
  }
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  return true;
}

function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, content-type, x-namespace',
    'access-control-max-age': '600',
  });
  response.end();
}

async function logIn({ access }: CodecService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const page = (status: number, words: string): void => {
    response.writeHead(status, PAGE_HEADERS).end(loginPage(words));
  };
  if (request.method === 'GET' || request.method === 'HEAD') {
    return page(200, 'Log in, and the Web UI in this browser can show encrypted runs.');
  }
  if (request.method !== 'POST') return refuse(response, 405, 'method_not_allowed', 'GET the page, POST the form');
  const form = await readBody(request, MAX_FORM_BYTES);
  if (form === undefined) return refuse(response, 413, 'too_large', `at most ${MAX_FORM_BYTES} bytes`);
  if (!access.isToken(tokenIn(form))) return page(401, 'That is not the token.');
  response.setHeader('set-cookie', access.newSession());
  return page(200, 'Logged in. Go back to the Web UI and reload it.');
}

function refuse(response: ServerResponse, status: number, error: string, message: string): void {
  // The body of a refused request is not read, so the connection must not be used again.
  response.setHeader('connection', 'close');
  send(response, status, { error, message });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
