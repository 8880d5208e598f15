/** When the client certificate for Temporal ends. All workers stop at that moment, so it is told before. */
import { X509Certificate } from 'node:crypto';
import { isoTime } from '../../contract/iso-time.ts';
import type { TemporalConnectionOptions } from '../../temporal-server/profile.ts';

/** ISO 8601 UTC. Undefined without a certificate, or for one that cannot be read: the connection says what is wrong
 *  with it. Of a file with several the first one is ours. */
export function certificateEndsAt({ tls }: Pick<TemporalConnectionOptions, 'tls'>): string | undefined {
  const certificate = typeof tls === 'object' ? tls?.clientCertPair?.crt : undefined;
  if (certificate === undefined) return undefined;
  try {
    return isoTime(Date.parse(new X509Certificate(certificate).validTo));
  } catch {
    return undefined;
  }
}
