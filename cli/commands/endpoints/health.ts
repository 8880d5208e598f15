/**
 * The health of endpoints, from three sources: numbers of what ended (the log, or Temporal's list), the list of open
 * runs, and a sample of open runs that were read. Pure.
 */
import type { DeliveryGroup } from '../../../adapters/index.ts';
import type { ListedRun } from '../../../client/list-runs.ts';
import type { LiveDelivery } from '../../../client/live-deliveries.ts';
import { isFinal, type Attempt, type DeliveryState } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';

/** How an endpoint is, the worst first.
 *  - `failing`: its last answer was a failure, and deliveries may still be tried
 *  - `gone`: its last answer was 410
 *  - `refused`: our own rules forbid the last request, e.g. a private address or an unknown secret
 *  - `waiting_for_us`: our own side cannot send to it, e.g. the store of secrets is down
 *  - `recovering`: its last answer was a success, and deliveries that failed before wait for their next attempt
 *  - `untried`: nothing has been answered yet
 *  - `healthy`: its last answer was a success, and none waits */
export const HEALTH_STATES = [
  'failing',
  'gone',
  'refused',
  'waiting_for_us',
  'recovering',
  'untried',
  'healthy',
] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

/** One endpoint. Times are ISO 8601. What is not known is absent. */
export type EndpointHealth = {
  readonly endpointId: string;
  readonly host?: string;
  /** The account, where all its deliveries are of one. */
  readonly accountId?: string;
  readonly accounts: number;
  readonly state: HealthState;
  /** Of a state that is not well: the first failure after the last success, as far as it was read. */
  readonly since?: string;
  readonly lastDeliveredAt?: string;
  /** Code of the last answer, and when the attempt or the delivery ended. */
  readonly lastCode?: string;
  readonly lastAnswerAt?: string;
  /** Open runs, and those of them that wait for a next attempt. */
  readonly running: number;
  readonly waiting: number;
  /** The earliest next attempt of the runs that were read. */
  readonly nextAttemptAt?: string;
  /** Deliveries that ended in the window, and how many of them were delivered. */
  readonly deliveries: number;
  readonly delivered: number;
  /** Their attempts; absent if only Temporal's list could be asked. */
  readonly attempts?: number;
};

/** What was read. */
export type HealthFacts = {
  readonly ended: readonly EndedNumbers[];
  readonly open: readonly ListedRun[];
  readonly read: readonly LiveDelivery[];
  /** Times of failed attempts of deliveries that ended, by endpoint: those after its last success. */
  readonly failedAt: ReadonlyMap<string, string>;
};

/** The part of a log's group that is needed. Temporal's list knows less. */
export type EndedNumbers = Pick<DeliveryGroup, 'key' | 'deliveries' | 'accounts' | 'accountId' | 'lastDeliveredAt'> & {
  readonly delivered: number;
  readonly attempts?: number;
  readonly lastEnd?: {
    readonly at: string;
    readonly state: DeliveryState;
    readonly host?: string;
    readonly code?: string;
  };
};

/** The endpoints, the worst first, and of equal ones that with most waiting runs. */
export function healthOf(facts: HealthFacts): readonly EndpointHealth[] {
  const ended = new Map(facts.ended.map((group) => [group.key ?? '', group]));
  const open = byEndpoint(facts.open);
  const read = new Map<string, LiveDelivery[]>();
  for (const delivery of facts.read) push(read, delivery.endpointId, delivery);
  const ids = new Set([...ended.keys(), ...open.keys(), ...read.keys()]);
  const all = [...ids].map((endpointId) =>
    one(endpointId, {
      ended: ended.get(endpointId),
      open: open.get(endpointId) ?? [],
      read: read.get(endpointId) ?? [],
      failedAt: facts.failedAt.get(endpointId),
    }),
  );
  const rank = ({ state }: EndpointHealth): number => HEALTH_STATES.indexOf(state);
  return all.toSorted((a, b) => rank(a) - rank(b) || b.waiting - a.waiting || (a.endpointId < b.endpointId ? -1 : 1));
}

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

type OneFacts = {
  readonly ended: EndedNumbers | undefined;
  readonly open: readonly ListedRun[];
  readonly read: readonly LiveDelivery[];
  readonly failedAt: string | undefined;
};

function one(endpointId: string, facts: OneFacts): EndpointHealth {
  const { ended, open, read } = facts;
  const answers = read.flatMap(({ attempts }) => attempts.filter(({ outcome }) => outcome !== 'not_sent'));
  const delivered = answers.filter(({ outcome }) => outcome === 'delivered').map(({ startedAt }) => startedAt);
  const lastDeliveredAt = latest([ended?.lastDeliveredAt, ...delivered]);
  const last = answers.reduce<Attempt | undefined>(
    (best, each) => (best === undefined || each.startedAt > best.startedAt ? each : best),
    undefined,
  );
  const isOfRun = last !== undefined && last.startedAt > (ended?.lastEnd?.at ?? '');
  const lastAnswer = isOfRun
    ? { at: last.startedAt, code: last.code, isWell: last.outcome === 'delivered', state: stateAfter(last, read) }
    : endOf(ended);
  const readRuns = new Map(read.map((delivery) => [delivery.runId, delivery]));
  const waiting = open.filter((run) => {
    const delivery = readRuns.get(run.runId);
    return delivery === undefined ? waitsAlone(run) : isWaiting(delivery.state);
  });
  const state = stateOf(facts, lastAnswer, waiting, lastDeliveredAt);
  const failures = answers.filter(({ outcome }) => outcome !== 'delivered').map(({ startedAt }) => startedAt);
  const accounts = new Set(open.flatMap(({ account }) => account ?? []));
  return {
    endpointId,
    state,
    accounts: Math.max(ended?.accounts ?? 0, accounts.size),
    running: open.length,
    waiting: waiting.length,
    deliveries: ended?.deliveries ?? 0,
    delivered: ended?.delivered ?? 0,
    ...given({
      host: read.at(0)?.host ?? ended?.lastEnd?.host,
      accountId: accountOf(ended, read, accounts),
      since: isWell(state) ? undefined : sinceOf(failures, waiting, facts.failedAt, lastDeliveredAt, lastAnswer?.at),
      lastDeliveredAt,
      lastCode: lastAnswer?.code,
      lastAnswerAt: lastAnswer?.at,
      nextAttemptAt: earliest(read.map(({ nextAttemptAt }) => nextAttemptAt)),
      attempts: ended?.attempts,
    }),
  };
}

/** Whether nothing is to be done. */
export function isWell(state: HealthState): boolean {
  return state === 'healthy' || state === 'untried';
}

type Answer = {
  readonly at: string;
  readonly code: string | undefined;
  readonly isWell: boolean;
  /** How the delivery ended, if it has. */
  readonly state: DeliveryState | undefined;
};

/** How the delivery of this attempt ended, if it has: its run may still be open for other endpoints. */
function stateAfter(last: Attempt, read: readonly LiveDelivery[]): DeliveryState | undefined {
  const state = read.find(({ attempts }) => attempts.includes(last))?.state;
  return state !== undefined && isFinal(state) ? state : undefined;
}

function endOf(ended: EndedNumbers | undefined): Answer | undefined {
  if (ended?.lastEnd === undefined) return undefined;
  const { at, code, state } = ended.lastEnd;
  return { at, code, isWell: state === 'delivered', state };
}

function stateOf(
  { open, read }: OneFacts,
  last: Answer | undefined,
  waiting: readonly ListedRun[],
  lastDeliveredAt: string | undefined,
): HealthState {
  const isHeld = read.some(({ state }) => state === 'waiting_for_us');
  if (isHeld && last?.isWell !== false) return 'waiting_for_us';
  if (last?.isWell === false) {
    return last.state === 'gone' || last.state === 'refused' ? last.state : 'failing';
  }
  const unread = waiting.filter((run) => !read.some(({ runId }) => runId === run.runId));
  if (unread.length > 0 && unread.every(({ state }) => state === 'waiting_for_us')) return 'waiting_for_us';
  // A run that was not read, and has failed since the last success, which it began after.
  if (unread.some(({ startedAt }) => startedAt > (lastDeliveredAt ?? ''))) return 'failing';
  if (last === undefined) return waiting.length > 0 ? 'failing' : open.length > 0 ? 'untried' : 'healthy';
  return waiting.length > 0 ? 'recovering' : 'healthy';
}

/** The first failure after the last success. Of runs that were not read the list knows only when they started. */
function sinceOf(
  failures: readonly string[],
  waiting: readonly ListedRun[],
  failedAt: string | undefined,
  lastDeliveredAt = '',
  lastAnswerAt?: string,
): string | undefined {
  const after = [...failures, failedAt].filter((at) => at !== undefined && at > lastDeliveredAt);
  const known = earliest(after);
  if (known !== undefined) return known;
  const started = waiting.map(({ startedAt }) => startedAt).filter((at) => at > lastDeliveredAt);
  return earliest(started) ?? lastAnswerAt;
}

function accountOf(
  ended: EndedNumbers | undefined,
  read: readonly LiveDelivery[],
  listed: ReadonlySet<string>,
): string | undefined {
  const ids = new Set([ended?.accountId, ...read.map(({ accountId }) => accountId)].filter((id) => id !== undefined));
  if (ids.size > 1 || (ended?.accounts ?? 0) > 1 || listed.size > 1) return undefined;
  const [id] = ids;
  const [encoded] = listed;
  return id ?? (encoded === undefined ? undefined : decoded(encoded));
}

/** `searchableId` encodes what is not plain. A long id was cut, and is shown as the list has it. */
function decoded(account: string): string {
  try {
    return decodeURIComponent(account);
  } catch {
    return account;
  }
}

/** Numbers of what ended, from Temporal's list alone: for a namespace without a delivery log. Of a run with several
 *  endpoints the list knows the worst state only, so its failure is no endpoint's. */
export function numbersFromList(runs: readonly ListedRun[]): readonly EndedNumbers[] {
  return [...byEndpoint(runs)].map(([key, own]) => {
    const telling = own.filter(({ state, endpointIds = [] }) => state === 'delivered' || endpointIds.length === 1);
    const delivered = telling.filter(({ state }) => state === 'delivered');
    const last = telling
      .filter(({ state }) => state !== 'cancelled' && state !== 'terminated')
      .reduce<ListedRun | undefined>(
        (best, run) => ((run.endedAt ?? '') > (best?.endedAt ?? '') ? run : best),
        undefined,
      );
    const lastEnd =
      last?.endedAt === undefined || !isFinal(last.state as DeliveryState)
        ? undefined
        : { at: last.endedAt, state: last.state as DeliveryState };
    return {
      key,
      deliveries: telling.length,
      delivered: delivered.length,
      accounts: new Set(own.flatMap(({ account }) => account ?? [])).size,
      ...given({ lastDeliveredAt: latest(delivered.map(({ endedAt }) => endedAt)), lastEnd }),
    };
  });
}

function latest(times: readonly (string | undefined)[]): string | undefined {
  return times.reduce((best, each) => (each !== undefined && each > (best ?? '') ? each : best), undefined);
}

function earliest(times: readonly (string | undefined)[]): string | undefined {
  return times.reduce(
    (best, each) => (each !== undefined && (best === undefined || each < best) ? each : best),
    undefined,
  );
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
