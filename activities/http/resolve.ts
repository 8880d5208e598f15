/**
 * Names to addresses, for the guarded connector. Not `dns.lookup`: it holds one of four libuv threads per name, so a
 * dead name server would delay every other delivery. The hosts file is not read, which is right in production.
 */
import { Resolver } from 'node:dns/promises';
import { DNS_DEADLINE_MS } from './attempt-bounds.ts';

/** All addresses of a name, IPv4 and IPv6. Rejects with node's DNS codes (`ENOTFOUND`, `ENODATA`, `ECANCELLED` …).
 *  `signal` aborts when the connection attempt is over. */
export type Resolve = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;

/** Options of `createResolve`. */
export type ResolveOptions = {
  /** Milliseconds for both queries together. Default 2000; whatever has answered by then is used. */
  readonly deadlineMs?: number;
  /** Name servers as `address` or `address:port`. Default: those of the operating system. */
  readonly servers?: readonly string[];
};

/** A resolver that asks the name servers directly for A and AAAA. A failure of one family does not hide the answer of
 *  the other, because name servers that choke on AAAA are common. */
export function createResolve({ deadlineMs = DNS_DEADLINE_MS, servers }: ResolveOptions = {}): Resolve {
  return async (hostname, signal) => {
    // One resolver per name: cancel() ends all queries of its resolver, also those of other attempts.
    const resolver = new Resolver({ timeout: 1_000, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = (): void => resolver.cancel();
    // The resolver's own timeouts add up (1 s and two tries gave up after 4.0 s), so we set a deadline of our own.
    const timer = setTimeout(cancel, deadlineMs);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return addressesIn(await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  };
}

/** The `code` of one of node's errors, e.g. `ENOTFOUND`; '' if it has none. Looks at the property and not at the
 *  class: an error from another realm (a host's vm context) is no instance of this realm's Error. */
export function nodeCodeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function addressesIn(answers: ReadonlyArray<PromiseSettledResult<string[]>>): readonly string[] {
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return addresses;
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  // "No such record" for one family says less than any failure of the other.
  const cause = reasons.find((reason) => nodeCodeOf(reason) !== 'ENODATA') ?? reasons[0];
  if (cause !== undefined) throw cause;
  return [];
}
