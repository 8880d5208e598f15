/**
 * What a TLS client offers, read from its first bytes. It plays the receiver's part of a handshake that goes no
 * further.
 */

/** Cipher suites and groups of a ClientHello, as the numbers of IANA's registries. */
export type ClientHello = { readonly suites: readonly number[]; readonly groups: readonly number[] };

const SUPPORTED_GROUPS = 10;

/** Reads one ClientHello that fits in one record. Source: RFC 8446 §4.1.2, §4.2.7. */
export function parseClientHello(bytes: Buffer): ClientHello {
  // Record header (5), handshake header (4), version (2), random (32), then the session id with its length.
  let at = 5 + 4 + 2 + 32;
  at += 1 + bytes.readUInt8(at);
  const suites = numbersAt(bytes, at);
  at += 2 + bytes.readUInt16BE(at);
  at += 1 + bytes.readUInt8(at);
  at += 2;
  let groups: readonly number[] = [];
  while (at < bytes.length) {
    const kind = bytes.readUInt16BE(at);
    const length = bytes.readUInt16BE(at + 2);
    if (kind === SUPPORTED_GROUPS) groups = numbersAt(bytes, at + 4);
    at += 4 + length;
  }
  return { suites, groups };
}

function numbersAt(bytes: Buffer, at: number): readonly number[] {
  const count = bytes.readUInt16BE(at) / 2;
  return Array.from({ length: count }, (_, index) => bytes.readUInt16BE(at + 2 + 2 * index));
}
