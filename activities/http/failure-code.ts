/**
 * Turns errors of undici, node and TLS into stable reason codes. Codes appear in records, failures and
 * docs/errors.md, so they are API. Messages of errors are dropped here: they can contain hosts, addresses and the
 * receiver's words.
 */
import { errors } from 'undici';
import { GuardedConnectError } from './connect-error.ts';
import { nodeCodeOf } from './resolve.ts';

/** Outcome and reason code of an attempt that brought no status line. */
export type FailureKind = { readonly outcome: 'network' | 'timeout' | 'refused' | 'not_sent'; readonly code: string };

/** Names the cause of a failed request. Never throws; an unforeseen error is `network` / `network_error`. */
export function failureOf(error: unknown): FailureKind {
  const code = codeOf(error);
  // Our own bound kept the handshake waiting.
  if (code === 'timeout_tls_queue') return { outcome: 'not_sent', code };
  if (code.startsWith('timeout_')) return { outcome: 'timeout', code };
  return { outcome: REFUSED.has(code) ? 'refused' : 'network', code };
}

const REFUSED: ReadonlySet<string> = new Set(['address', 'address_own', 'address_resolved']);

/** An attempt that we ended ourselves. The attempt's signal aborts with this error as its reason. */
export class AttemptEndedError extends Error {
  override readonly name = 'AttemptEndedError';
  readonly code: 'timeout_total' | 'timeout_tls_queue' | 'informational_flood' | 'headers_too_large';

  constructor(code: AttemptEndedError['code']) {
    super(`attempt ended: ${code}`);
    this.code = code;
  }
}

/** Codes of node, undici and OpenSSL → ours. Our own codes (`address`, `timeout_total` …) are not in this table. */
const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect_refused',
  EHOSTUNREACH: 'connect_unreachable',
  ENETUNREACH: 'connect_unreachable',
  EADDRNOTAVAIL: 'connect_unreachable',
  ETIMEDOUT: 'timeout_connect',
  UND_ERR_CONNECT_TIMEOUT: 'timeout_connect',
  UND_ERR_HEADERS_TIMEOUT: 'timeout_headers',
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EPIPE: 'connection_reset',
  UND_ERR_SOCKET: 'connection_closed',
  UND_ERR_HEADERS_OVERFLOW: 'headers_too_large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'protocol_error',
  UND_ERR_INVALID_ARG: 'request_invalid',
  ERR_INVALID_URL: 'request_invalid',
  // undici's parser asserts on some impossible status lines (`000`). That is the receiver's fault and no crash of ours.
  ERR_ASSERTION: 'protocol_error',
  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_not_yet_valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_self_signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_wrong_host',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls_untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_untrusted',
  CERT_UNTRUSTED: 'tls_untrusted',
  CERT_REVOKED: 'tls_untrusted',
  CERT_SIGNATURE_FAILURE: 'tls_untrusted',
  CERT_CHAIN_TOO_LONG: 'tls_untrusted',
  CERT_REJECTED: 'tls_untrusted',
  INVALID_CA: 'tls_untrusted',
  INVALID_PURPOSE: 'tls_untrusted',
  PATH_LENGTH_EXCEEDED: 'tls_untrusted',
  // Node's name for the reasons it has no name for: keys that are too small, weak digests.
  UNSPECIFIED: 'tls_untrusted',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'tls_version',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'tls_version',
  EPROTO: 'tls_failed',
};

function codeOf(error: unknown): string {
  // By class: the parser's error has no usable code.
  if (error instanceof errors.HTTPParserError) return 'protocol_error';
  // An unasked 100 or 101 is a SocketError too. Only undici's message tells it from a closed connection.
  if (error instanceof errors.SocketError && error.message.startsWith('bad ')) return 'protocol_error';
  const code = nodeCodeOf(error);
  if (error instanceof GuardedConnectError || error instanceof AttemptEndedError) return code;
  return CODES[code] ?? (/^ERR_(SSL|TLS|OSSL)_/.test(code) ? 'tls_failed' : 'network_error');
}
