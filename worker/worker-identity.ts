/** How a worker calls itself. Temporal shows it wherever workers are listed, and in each run's history. */
import { hostname } from 'node:os';
import { VERSION } from '../contract/version.ts';

/** `4711@host topcalls-webhooks/0.1.0`: the SDK's own form, and the version of this package. */
export function workerIdentity(): string {
  return `${process.pid}@${hostname()} topcalls-webhooks/${VERSION}`;
}
