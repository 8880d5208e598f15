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
  /** Of a state that is not well: the first failure after the last success. */
  readonly since?: string;
  /** What `since` is where it is not exact. `at_least`: earlier failures may exist that were not read. `about`: when
   *  a run began that waits and was not read. */
  readonly sinceBound?: 'at_least' | 'about';
  readonly lastDeliveredAt?: string;
  /** Code of the last attempt, or of a refusal by our own rules. */
  readonly lastCode?: string;
  /** When the last attempt ended. */
  readonly lastAttemptAt?: string;
  /** The same, if that attempt got an HTTP answer. */
  readonly lastAnswerAt?: string;
  /** How many deliveries of the window our own rules refused. */
  readonly refused?: number;
  /** Their reason codes, the most frequent first; absent where they were not read. */
  readonly refusedFor?: readonly string[];
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
      history: facts.histories.get(endpointId),
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
  readonly history: EndpointHistory | undefined;
};

function one(endpointId: string, facts: OneFacts): EndpointHealth {
  const { ended, open, read, history } = facts;
  const answers = read.flatMap(({ attempts }) => attempts.filter(({ outcome }) => outcome !== 'not_sent'));
  const delivered = answers.filter(({ outcome }) => outcome === 'delivered').map(({ startedAt }) => startedAt);
  const lastDeliveredAt = latest([ended?.lastDeliveredAt, history?.lastDeliveredAt, ...delivered]);
  const last = answers.reduce<Attempt | undefined>(
    (best, each) => (best === undefined || each.startedAt > best.startedAt ? each : best),
    undefined,
  );
  const isOfRun = last !== undefined && last.startedAt > startOfEnd(ended?.lastEnd);
  const lastAnswer = isOfRun ? answerOf(last, last.code, stateAfter(last, read)) : endOf(ended);
  const readRuns = new Map(read.map((delivery) => [delivery.runId, delivery]));
  const waiting = open.filter((run) => {
    const delivery = readRuns.get(run.runId);
    return delivery === undefined ? waitsAlone(run) : isWaiting(delivery.state);
  });
  const state = stateOf(facts, lastAnswer, waiting, lastDeliveredAt);
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
      ...(isWell(state) ? {} : sinceOf(facts, state, waiting, lastDeliveredAt, lastAnswer)),
      lastDeliveredAt,
      lastCode: lastAnswer?.code,
      lastAttemptAt: lastAnswer?.isAttempt === true ? lastAnswer.at : undefined,
      lastAnswerAt: lastAnswer?.isAnswer === true ? lastAnswer.at : undefined,
      refused: ended === undefined || ended.refused === 0 ? undefined : ended.refused,
      refusedFor: history?.refusedFor,
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
  /** The end of the attempt; of a refusal without one the end of the delivery. */
  readonly at: string;
  readonly code: string | undefined;
  readonly isWell: boolean;
  readonly isAttempt: boolean;
  /** Whether the receiver answered, whatever it said. */
  readonly isAnswer: boolean;
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
  const { at, code, state, attempt } = ended.lastEnd;
  const isWell = state === 'delivered';
  if (attempt === undefined) return { at, code, isWell, isAttempt: false, isAnswer: false, state };
  return { ...answerOf(attempt, code, state), isWell };
}

function answerOf(
  { startedAt, durationMs, outcome }: Pick<Attempt, 'startedAt' | 'durationMs' | 'outcome'>,
  code: string | undefined,
  state: DeliveryState | undefined,
): Answer {
  const isAnswer = outcome === 'delivered' || outcome === 'http';
  const at = endOfAttempt(startedAt, durationMs);
  return { at, code, isWell: outcome === 'delivered', isAttempt: outcome !== 'refused', isAnswer, state };
}

/** A log may hold records that others wrote, with times that are none. */
function endOfAttempt(startedAt: string, durationMs: number): string {
  const endMs = Date.parse(startedAt) + durationMs;
  return Number.isFinite(endMs) ? new Date(endMs).toISOString() : startedAt;
}

function startOfEnd(end: EndedNumbers['lastEnd']): string {
  return end?.attempt?.startedAt ?? end?.at ?? '';
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

/** The first failure after the last success, and whether there may be an earlier one. */
function sinceOf(
  { ended, read, history }: OneFacts,
  state: HealthState,
  waiting: readonly ListedRun[],
  lastDeliveredAt = '',
  last?: Answer,
): Pick<EndpointHealth, 'since' | 'sinceBound'> {
  const isOurs = state === 'waiting_for_us';
  const failures = read.flatMap(({ attempts, waitingSince }) =>
    isOurs ? (waitingSince ?? []) : attempts.filter(isFailure).map(({ startedAt }) => startedAt),
  );
  const failedAt = isOurs ? undefined : history?.failedAt;
  const known = earliest([...failures, failedAt].filter((at) => at !== undefined && at > lastDeliveredAt));
  const unread = waiting.filter(({ runId }) => !read.some((each) => each.runId === runId));
  const began = earliest(unread.map(({ startedAt }) => startedAt).filter((at) => at > lastDeliveredAt));
  if (known === undefined && began !== undefined) return { since: began, sinceBound: 'about' };
  const since = known ?? last?.at;
  if (since === undefined) return {};
  const isEndKnown = history?.isWhole ?? (lastDeliveredAt !== '' && ended?.lastEnd?.state === 'delivered');
  const isExact = known !== undefined && (isOurs || isEndKnown) && (began === undefined || began >= known);
  return isExact ? { since } : { since, sinceBound: 'at_least' };
}

/** Whether the receiver failed. A refusal is ours, and an attempt that was not sent reached nobody. */
export function isFailure({ outcome }: Pick<Attempt, 'outcome'>): boolean {
  return outcome !== 'delivered' && outcome !== 'not_sent' && outcome !== 'refused';
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
      refused: telling.filter(({ state }) => state === 'refused').length,
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
