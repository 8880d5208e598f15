/**
 * The addresses of this machine. A cloud machine often has a public one, which the address table lets through, and what
 * listens there (admin pages, exporters, databases) may trust the machine itself.
 */
import { networkInterfaces } from 'node:os';
import { parseAddress, unwrapMapped } from '../../contract/egress/ip-address.ts';

/** Whether an address is one of this machine's. */
export type IsOwn = (address: string) => boolean;

/** Reads the addresses of this machine now: a container or a cloud machine may get and lose them at any time.
 *  `read` is the operating system's list; tests give another. */
export function ownAddresses(read: () => readonly string[] = addressesOfInterfaces): IsOwn {
  const own = new Set(read().map(keyOf));
  return (address) => own.has(keyOf(address));
}

/** Reads them with `read` at the first question, and not again. An address that the table refuses, or an operator
 *  allows, asks nothing; the system's list takes as long as the rest of what is judged. */
export function ownAddressesOnce(read: () => IsOwn = ownAddresses): IsOwn {
  let known: IsOwn | undefined;
  return (address) => {
    known ??= read();
    return known(address);
  };
}

function addressesOfInterfaces(): readonly string[] {
  // Link-local addresses come without their zone here, and with it from a socket. They are refused anyway.
  return Object.values(networkInterfaces()).flatMap((entries = []) => entries.map(({ address }) => address));
}

/** The same for all spellings of an address, IPv4-mapped ones included. */
function keyOf(address: string): string {
  const bytes = parseAddress(address);
  return bytes === undefined ? address : unwrapMapped(bytes).join('.');
}
