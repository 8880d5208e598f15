/** What was read of endpoints: numbers of what ended, the list of open runs, and those of them that were read. */
import type { DeliveryGroup } from '../../../adapters/index.ts';
import type { ListedRun } from '../../../client/list-runs.ts';
import type { LiveDelivery } from '../../../client/live-deliveries.ts';
import type { Attempt, DeliveryState } from '../../../contract/delivery-state.ts';

/** Of all endpoints. */
export type HealthFacts = {
  readonly ended: readonly EndedNumbers[];
  readonly open: readonly ListedRun[];
  readonly read: readonly LiveDelivery[];
  /** What the log was asked about single endpoints, by endpoint. */
  readonly histories: ReadonlyMap<string, EndpointHistory>;
};

/** What the log has of one endpoint, also from before the window. */
export type EndpointHistory = {
  readonly lastDeliveredAt?: string;
  /** The first failure after that. */
  readonly failedAt?: string;
  /** Whether all records after the last success were read. */
  readonly isWhole?: boolean;
  readonly refusedFor?: readonly string[];
};

/** The part of a log's group that is needed. Temporal's list knows less. */
export type EndedNumbers = Pick<DeliveryGroup, 'key' | 'deliveries' | 'accounts' | 'accountId' | 'lastDeliveredAt'> & {
  readonly delivered: number;
  readonly attempts?: number;
  readonly refused: number;
  readonly lastEnd?: {
    readonly at: string;
    readonly state: DeliveryState;
    readonly host?: string;
    readonly code?: string;
    readonly attempt?: Pick<Attempt, 'startedAt' | 'durationMs' | 'outcome'>;
  };
};

/** Of one endpoint. */
export type OneFacts = {
  readonly ended: EndedNumbers | undefined;
  readonly open: readonly ListedRun[];
  readonly read: readonly LiveDelivery[];
  readonly history: EndpointHistory | undefined;
};

/** Open runs by endpoint. A run without our search attributes is in none. */
export function byEndpoint(runs: readonly ListedRun[]): Map<string, ListedRun[]> {
  const found = new Map<string, ListedRun[]>();
  for (const run of runs) for (const id of run.endpointIds ?? []) push(found, id, run);
  return found;
}

/** Whether the run waits, and the list alone says at which endpoint: it has no other. */
export function waitsAlone({ state, endpointIds = [] }: ListedRun): boolean {
  return isWaiting(state) && endpointIds.length === 1;
}

/** Whether a run in this state waits for a next attempt. */
export function isWaiting(state: string): boolean {
  return state === 'retrying' || state === 'waiting_for_us';
}

/** Adds to the list under the key. */
export function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
