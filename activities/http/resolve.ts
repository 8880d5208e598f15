/**
 * Names to addresses, for the guarded connector. Not `dns.lookup`: it occupies one of four libuv threads per name, so a
 * dead name server would delay every other delivery. The hosts file is thereby ignored, which is right in production.
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

/** A resolver that asks the name servers directly for A and AAAA. One family's failure does not hide the other's answer:
 *  name servers that choke on AAAA are common. */
export function createResolve({ deadlineMs = DNS_DEADLINE_MS, servers }: ResolveOptions = {}): Resolve {
  return async (hostname, signal) => {
    // One resolver per name: cancel() ends every query of its resolver, those of other attempts too.
    const resolver = new Resolver({ timeout: 1_000, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = (): void => resolver.cancel();
    // The resolver's own timeouts add up (1 s and two tries gave up after 4.0 s), hence a deadline of ours.
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

/** The `code` of an error such as node makes them, e.g. `ENOTFOUND`; '' where there is none. Asks for the property and not
 *  for the class: an error made in another realm (a host's vm context) is no instance of this one's Error. */
export function nodeCodeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function addressesIn(answers: ReadonlyArray<PromiseSettledResult<string[]>>): readonly string[] {
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return addresses;
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  // "No such record" of one family says less than whatever happened to the other.
  const cause = reasons.find((reason) => nodeCodeOf(reason) !== 'ENODATA') ?? reasons[0];
  if (cause !== undefined) throw cause;
  return [];
}
