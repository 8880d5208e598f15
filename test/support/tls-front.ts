/**
 * A TLS server in front of Temporal's gRPC: it wants a client certificate or an API key, as Temporal Cloud does, and
 * notes what each request showed. Without a server behind it every answer is an empty message, which suffices for a
 * connection.
 */
import { connect, createSecureServer } from 'node:http2';
import type { ClientHttp2Stream, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { RECEIVER_KEY, TEST_AUTHORITY, VALID_CERTIFICATE } from './hostile-certificates.ts';

/** What a request came with. `clientName`: the common name of the client's certificate. */
export type ShownRequest = {
  readonly path: string;
  readonly serverName: string | undefined;
  readonly clientName: string | undefined;
  readonly authorization: string | undefined;
  readonly namespace: string | undefined;
};

export type TlsFront = {
  /** `127.0.0.1:port`. The certificate is also for `hooks.example.com`. */
  readonly address: string;
  readonly seen: readonly ShownRequest[];
  close(): Promise<void>;
};

/** Who is let in. */
export type Lock = { readonly certificate: true } | { readonly apiKey: string };

/** Starts it. `behind`: `host:port` of a server without TLS. `refuses`: services that the client may not call. */
export async function startTlsFront(
  lock: Lock,
  { behind, refuses = /^$/ }: { readonly behind?: string; readonly refuses?: RegExp } = {},
): Promise<TlsFront> {
  const seen: ShownRequest[] = [];
  const wantsCertificate = 'certificate' in lock;
  const server = createSecureServer({
    key: RECEIVER_KEY,
    cert: VALID_CERTIFICATE,
    ca: TEST_AUTHORITY,
    requestCert: wantsCertificate,
    rejectUnauthorized: wantsCertificate,
  });
  const plain = behind === undefined ? undefined : connect(`http://${behind}`);
  plain?.on('error', () => {});
  server.on('stream', (stream, headers) => {
    const socket = stream.session?.socket as TLSSocket | undefined;
    const path = headers[':path'] ?? '';
    const { authorization, 'temporal-namespace': namespace } = headers;
    seen.push({
      path,
      serverName: typeof socket?.servername === 'string' ? socket.servername : undefined,
      clientName: String(socket?.getPeerCertificate().subject?.CN ?? '') || undefined,
      authorization,
      namespace: namespace === undefined ? undefined : String(namespace),
    });
    stream.on('error', () => {});
    if ('apiKey' in lock && authorization !== `Bearer ${lock.apiKey}`) return end(stream, 16, 'who are you');
    if (refuses.test(path)) return end(stream, 7, 'not allowed here');
    if (plain === undefined) return answerEmpty(stream);
    return forward(stream, plain.request(ofHttp2(headers), { endStream: false }));
  });
  server.on('sessionError', () => {});
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => void sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      plain?.destroy();
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

/** An answer without a body, by its gRPC status. */
function end(stream: ServerHttp2Stream, status: number, message: string): void {
  const headers = {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': status,
    'grpc-message': message,
  };
  stream.respond(headers, { endStream: true });
}

/** Not compressed, no bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5);

function answerEmpty(stream: ServerHttp2Stream): void {
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': 0 }));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(EMPTY_MESSAGE);
}

function forward(stream: ServerHttp2Stream, behind: ClientHttp2Stream): void {
  behind.on('error', () => stream.destroy());
  stream.on('close', () => behind.close());
  behind.on('response', ({ ':status': status, ...headers }) => {
    const isWhole = headers['grpc-status'] !== undefined;
    stream.respond({ ':status': status ?? 200, ...headers }, { endStream: isWhole, waitForTrailers: !isWhole });
    if (!isWhole) behind.pipe(stream);
  });
  let trailers: IncomingHttpHeaders = {};
  behind.on('trailers', (seen) => (trailers = { ...seen }));
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.pipe(behind);
}

function ofHttp2({ ':method': method, ':path': path, ...headers }: IncomingHttpHeaders) {
  const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':')));
  return { ':method': method ?? 'POST', ':path': path ?? '/', ...plain };
}
