/** Asks the log about single endpoints: since when they fail, also from before the window, and why deliveries to them
 *  were refused. */
import type { PostgresDeliveryLog } from '../../../adapters/index.ts';
import type { ListedRun } from '../../../client/list-runs.ts';
import { given } from '../../../contract/given.ts';
import type { DeliveryRecord } from '../../../contract/schemas/delivery-record.ts';
import { byEndpoint, type EndedNumbers, type EndpointHistory } from './facts.ts';
import { isFailure } from './since.ts';

/** Endpoints that are asked about, at most. */
const MAX_LOOKED_UP = 200;
/** No further one is asked about after this time, ms: its line then says "at least since". */
const MAX_MS = 4_000;
/** Records of one endpoint, at most. */
const FAILURES_READ = 1_000;

/** What is read of the log. */
type Log = Pick<PostgresDeliveryLog, 'list' | 'stats'>;
type Window = { readonly account?: string; readonly since: string; readonly until: string };

/** The histories of those endpoints that may be unwell or that our rules refused something to. */
export async function historiesOf(
  log: Log,
  ended: readonly EndedNumbers[],
  waiting: readonly ListedRun[],
  window: Window,
  live: (line: string) => void,
  withinMs: number = MAX_MS,
): Promise<ReadonlyMap<string, EndpointHistory>> {
  const deadlineMs = Date.now() + withinMs;
  const numbers = new Map(ended.map((each) => [each.key ?? '', each]));
  const ids = new Set([...byEndpoint(waiting).keys(), ...numbers.keys()]);
  const unwell = [...ids].filter((id) => mayBeUnwell(numbers.get(id)) || (numbers.get(id)?.refused ?? 0) > 0);
  const found = new Map<string, EndpointHistory>();
  const asked = unwell.slice(0, MAX_LOOKED_UP);
  for (const [done, endpointId] of asked.entries()) {
    if (Date.now() >= deadlineMs) break;
    live(`looking for the first failure: ${done} of ${asked.length} endpoints`);
    const own = numbers.get(endpointId);
    const failures = mayBeUnwell(own) ? await failuresOf(log, endpointId, own, window) : {};
    const refusals = (own?.refused ?? 0) > 0 ? await refusalsOf(log, endpointId, window) : {};
    found.set(endpointId, { ...failures, ...refusals });
  }
  return found;
}

/** Without a success in the window the first failure may be before it. */
function mayBeUnwell(own: EndedNumbers | undefined): boolean {
  return own?.lastDeliveredAt === undefined || (own.lastEnd !== undefined && own.lastEnd.state !== 'delivered');
}

async function failuresOf(
  log: Log,
  endpointId: string,
  own: EndedNumbers | undefined,
  { account, until }: Window,
): Promise<EndpointHistory> {
  const filter = { endpointId, until, ...given({ accountId: account }) };
  const lastDeliveredAt =
    own?.lastDeliveredAt ?? (await log.list({ ...filter, state: 'delivered', limit: 1 })).records[0]?.endedAt;
  const after = { ...filter, ...given({ since: lastDeliveredAt }), limit: FAILURES_READ };
  const { records, next } = await log.list(after);
  const timesOf = own?.lastEnd?.state === 'refused' ? refusedAt : failedAt;
  const failed = records.flatMap(timesOf).filter((at) => at > (lastDeliveredAt ?? ''));
  return { isWhole: next === undefined, ...given({ lastDeliveredAt, failedAt: failed.toSorted()[0] }) };
}

function failedAt({ attempts }: DeliveryRecord): string[] {
  return attempts.filter(isFailure).map(({ startedAt }) => startedAt);
}

function refusedAt({ state, attempts, endedAt }: DeliveryRecord): string[] {
  return state === 'refused' ? [attempts.at(-1)?.startedAt ?? endedAt] : [];
}

async function refusalsOf(log: Log, endpointId: string, { account, since, until }: Window): Promise<EndpointHistory> {
  const { groups } = await log.stats({ by: 'reason', endpointId, since, until, ...given({ accountId: account }) });
  const refused = groups.filter(({ states }) => states.refused !== undefined);
  const most = refused.toSorted((a, b) => (b.states.refused ?? 0) - (a.states.refused ?? 0));
  return { refusedFor: most.flatMap(({ key }) => key ?? []) };
}
