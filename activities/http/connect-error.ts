/** Why the guarded connector opened no socket, as codes. */

/** Why no socket was opened, where this file decided it. Errors of the operating system and of TLS pass unchanged. */
export type ConnectFailureCode =
  | 'address' // the literal address is forbidden
  | 'address_own' // the address, one that the name resolved to, or the connected peer is this machine itself
  | 'address_resolved' // an address the name resolved to, or the connected peer, is forbidden
  | 'dns_empty'
  | 'dns_not_found'
  | 'dns_failed'
  | 'timeout_dns'
  | 'timeout_connect'
  | 'timeout_tls_queue' // this worker had too many handshakes in progress, with the host or in all
  | 'connection_reset' // the peer was gone before it could be judged
  | 'connection_closed'; // the connection ended before an answer, and undici wanted a second one

/** A connection that was refused or could not be opened. The message names the code only, no host and no address. */
export class GuardedConnectError extends Error {
  override readonly name = 'GuardedConnectError';
  readonly code: ConnectFailureCode;

  constructor(code: ConnectFailureCode, options?: ErrorOptions) {
    super(`connection not opened: ${code}`, options);
    this.code = code;
  }
}
