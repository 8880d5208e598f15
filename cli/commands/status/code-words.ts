/** What the reason codes of attempts without an answer mean, for people who look at a status without a page beside it.
 *  A test holds the words against docs/errors.md. Pure data. */

const CUT = 'the receiver or a proxy cut the connection before an answer';
const DATES = 'the certificate has expired, or is not valid yet';
const CHAIN = 'no trusted authority signed the certificate, or its chain is incomplete or wrong';

/** Words by code. Codes with an HTTP status need none, and rules of ours have their own. */
export const CODE_WORDS: Readonly<Record<string, string>> = {
  timeout_total: '15 s went by without a whole status line',
  timeout_headers: 'no status line within 10 s',
  timeout_connect: 'no connection (TCP and TLS) within 5 s',
  timeout_dns: 'name servers did not answer within 2 s',
  dns_not_found: 'the name does not exist: a typing error, or an expired domain',
  dns_empty: 'the name exists and has no address',
  dns_failed: 'the name servers answered with an error',
  connect_refused: 'nothing listens on the port: the receiver is down, or the port is wrong',
  connect_unreachable: 'no route to the address',
  connection_reset: CUT,
  connection_closed: CUT,
  headers_too_large: 'more than 208 KiB or 512 lines, and still no whole status line',
  informational_flood: 'more than 10 informational (1xx) answers',
  protocol_error:
    'the answer does not begin with a status line of HTTP/1, its status is not 200–599, or only `100 Continue` came',
  tls_expired: DATES,
  tls_not_yet_valid: DATES,
  tls_self_signed: CHAIN,
  tls_untrusted: CHAIN,
  tls_wrong_host: 'the certificate is for another name',
  tls_version: 'TLS below 1.2',
  tls_failed:
    'another TLS failure: the port speaks no TLS, no suite or curve in common, more than 16 KiB of handshake, ' +
    'a client certificate demanded',
  network_error: 'another failure of the network',
};
