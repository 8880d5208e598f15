/** What receivers do to a sender below HTTP/1.1, H27 to H34: certificates, handshakes, HTTP/2, closed ports, dead
 *  names. */
import {
  EXPIRED_CERTIFICATE,
  RECEIVER_KEY,
  SELF_SIGNED_CERTIFICATE,
  VALID_CERTIFICATE,
} from './hostile-certificates.ts';
import { answering, dripping, flooding, httpAnswer } from './hostile-receiver.ts';
import type { Behaviour, HostileReceiver } from './hostile-receiver.ts';
import { LOST, requestsAt, retry } from './hostile-row.ts';
import type { Row } from './hostile-row.ts';

const host = 'hooks.example.com';
const valid = { key: RECEIVER_KEY, cert: VALID_CERTIFICATE };
const old = { ...valid, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
const withClients = { ...valid, requestCert: true, rejectUnauthorized: true } as const;
const ok = answering([httpAnswer('200 OK')]);
const unheard = (receiver: HostileReceiver): boolean => receiver.received() === '';

/** A TLS record full of HelloRequests of four zero bytes each. OpenSSL skips any number of them. */
const HELLO_REQUESTS = `\u0016\u0003\u0003\u0040\u0000${'\0'.repeat(0x4000)}`;

/** HTTP/2 frames: length, type, flags, stream 0. */
const frame = (type: number, payload: readonly number[] = []): string =>
  Buffer.from([0, 0, payload.length, type, 0, 0, 0, 0, 0, ...payload]).toString('latin1');
const SETTINGS = frame(4);
const PING = frame(6, [1, 2, 3, 4, 5, 6, 7, 8]);
const GOAWAY = frame(7, [0, 0, 0, 0, 0, 0, 0, 0]);

/** Answers well, says that the connection stays open, and closes it with the answer's last byte. */
const closingUnderUs: Behaviour = async (socket, requestSeen) => {
  await requestSeen;
  socket.write(httpAnswer('200 OK', { headers: 'Connection: keep-alive\r\nKeep-Alive: timeout=60\r\n' }));
  socket.destroySoon();
};

export const TLS_ROWS: readonly Row[] = [
  {
    row: 'H27',
    title: 'has no certificate for us, or an old TLS: not a byte of the request is sent',
    variants: [
      retry('expired', ok, 'tls_expired', {
        tls: { key: RECEIVER_KEY, cert: EXPIRED_CERTIFICATE },
        host,
        also: unheard,
      }),
      retry('self-signed', ok, 'tls_self_signed', {
        tls: { key: RECEIVER_KEY, cert: SELF_SIGNED_CERTIFICATE },
        host,
        also: unheard,
      }),
      retry('for another host', ok, 'tls_wrong_host', { tls: valid, host: 'other.example.com', also: unheard }),
      retry('TLS 1.1 only', ok, 'tls_version', { tls: old, host, also: unheard }),
    ],
  },
  {
    row: 'H28',
    title: 'never finishes the TLS handshake',
    variants: [
      retry('silent', () => undefined, 'timeout_connect', { scheme: 'https', host }),
      retry('plain HTTP on an https port', ok, 'tls_failed', { scheme: 'https', host }),
      retry('demands a client certificate, in TLS 1.2', ok, 'tls_failed', {
        tls: { ...withClients, maxVersion: 'TLSv1.2' },
        host,
        also: unheard,
      }),
      // Our side of the handshake is over then, so the alert comes beside the request, and before the close.
      retry('demands a client certificate, in TLS 1.3', ok, 'tls_failed', {
        tls: withClients,
        host,
        posts: 20,
        also: unheard,
      }),
      retry('asks to begin anew, without an end', flooding('', HELLO_REQUESTS), 'tls_failed', {
        scheme: 'https',
        host,
      }),
    ],
  },
  {
    row: 'H29',
    title: 'speaks TLS on a port that is spoken to as http',
    variants: [retry('', ok, [...LOST, 'protocol_error'], { tls: valid, scheme: 'http' })],
  },
  {
    row: 'H30',
    title: 'speaks HTTP/2 only',
    variants: [retry('', ok, 'tls_failed', { tls: { ...valid, ALPNProtocols: ['h2'] }, host })],
  },
  {
    row: 'H31',
    title: 'answers in HTTP/2 although HTTP/1.1 was agreed',
    variants: [
      retry('and never answers the request', () => undefined, 'timeout_headers', { tls: valid, host }),
      retry('settings, then pings', dripping(SETTINGS, PING, 300), 'protocol_error', { tls: valid, host }),
      retry('settings and GOAWAY', answering([SETTINGS + GOAWAY]), 'protocol_error', { tls: valid, host }),
    ],
  },
  {
    row: 'H32',
    title: 'closes the connection it promised to keep: none is kept, so none is lost, and nothing is sent twice',
    variants: [
      {
        does: '300 posts',
        behave: closingUnderUs,
        verdict: 'delivered',
        code: 'http_200',
        posts: 300,
        also: (receiver) => requestsAt(receiver) === 300,
      },
      retry('as the request arrives', async (socket, seen) => void (await seen, socket.destroy()), LOST),
    ],
  },
  {
    row: 'H33',
    title: 'does not listen at all',
    variants: [retry('', ok, 'connect_refused', { stopped: true, connections: 0 })],
  },
  {
    row: 'H34',
    title: 'has a name that leads nowhere',
    variants: [
      retry('it does not exist', ok, 'dns_not_found', { host: 'missing.example.com', connections: 0 }),
      retry('its name server is silent', ok, 'timeout_dns', { host: 'silent.example.com', connections: 0 }),
    ],
  },
];
