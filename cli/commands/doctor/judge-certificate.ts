/** Judges the client certificate for Temporal: does it end soon? Pure. */
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

/** So that somebody has two weeks to make another one, ms. */
const SOON_MS = 14 * 86_400_000;

/** What is wrong with it. Nothing if there is none. */
export function ofCertificate({ certificateEndsAt, at }: Facts): Finding[] {
  if (certificateEndsAt === undefined) return [];
  const leftMs = Date.parse(certificateEndsAt) - Date.parse(at);
  if (leftMs > SOON_MS) return [];
  const hasEnded = leftMs <= 0;
  return [
    {
      code: 'certificate',
      severity: hasEnded ? 'trouble' : 'warning',
      problem: hasEnded
        ? `the client certificate for Temporal ended at ${certificateEndsAt}: no connection is made with it`
        : `the client certificate for Temporal ends at ${certificateEndsAt}: no webhook goes out after that`,
      fix: 'put a new one where TEMPORAL_TLS_CLIENT_CERT_PATH says, and restart the workers one after the other',
    },
  ];
}
