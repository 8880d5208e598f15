/** Totals of a dry run: how many deliveries at which endpoint, and how they stand. Pure. */
import { stateInWords } from '../attempts-table.ts';
import type { TouchedDelivery } from './act.ts';

/** How many deliveries a command would touch at one endpoint, and how they stand. */
export type EndpointTotal = {
  readonly endpointId: string;
  readonly host: string;
  readonly deliveries: number;
  /** `failed (http_503)` → 12. The most frequent one first. */
  readonly standing: Readonly<Record<string, number>>;
};

/** Totals per endpoint, the largest first. */
export function totalsOf(deliveries: readonly TouchedDelivery[]): readonly EndpointTotal[] {
  return grouped(deliveries, ({ endpointId }) => endpointId).map(([endpointId, group]) => {
    const counts = grouped(group, ({ state, reason }) => stateInWords(state, reason)).map(([name, { length }]) => [
      name,
      length,
    ]);
    return { endpointId, host: group[0]?.host ?? '', deliveries: group.length, standing: Object.fromEntries(counts) };
  });
}

/** The items by a key, the largest group first. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups].toSorted(([, a], [, b]) => b.length - a.length);
}

/** `crm.example.com  ep_…  12: 10 failed (http_503), 2 failed (timeout)`. */
export function totalInWords({ endpointId, host, deliveries, standing }: EndpointTotal): string {
  const parts = Object.entries(standing).map(([name, count]) => `${count} ${name}`);
  return `${host}  ${endpointId}  ${deliveries}: ${parts.join(', ')}`;
}
