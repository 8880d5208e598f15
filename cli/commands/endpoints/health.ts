/**
 * The health of endpoints, from three sources: numbers of what ended (the log, or Temporal's list), the list of open
 * runs, and a sample of open runs that were read. Pure.
 */
import type { ListedRun } from '../../../client/list-runs.ts';
import type { LiveDelivery } from '../../../client/live-deliveries.ts';
import { isFinal, type Attempt, type DeliveryState } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import {
  byEndpoint,
  isWaiting,
  push,
  waitsAlone,
  type EndedNumbers,
  type HealthFacts,
  type OneFacts,
} from './facts.ts';
import { earliest, latest, sinceOf, type Since } from './since.ts';

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
  readonly since?: Since['since'];
  readonly sinceBound?: Since['sinceBound'];
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
  /** Open runs. Of them: those that wait for a next attempt, and those that were read and have an attempt in flight, or
   *  due now. A run that was not read and has failed before counts as waiting. */
  readonly running: number;
  readonly waiting: number;
  readonly inFlight: number;
  /** The earliest next attempt of the runs that were read. */
  readonly nextAttemptAt?: string;
  /** Deliveries that ended in the window, and how many of them were delivered. */
  readonly deliveries: number;
  readonly delivered: number;
  /** Their attempts; absent if only Temporal's list could be asked. */
  readonly attempts?: number;
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
  const retrying = open.filter((run) => {
    const delivery = readRuns.get(run.runId);
    return delivery === undefined ? waitsAlone(run) : isWaiting(delivery.state);
  });
  const state = stateOf(facts, lastAnswer, retrying, lastDeliveredAt);
  const accounts = new Set(open.flatMap(({ account }) => account ?? []));
  return {
    endpointId,
    state,
    accounts: Math.max(ended?.accounts ?? 0, accounts.size),
    running: open.length,
    waiting: retrying.filter(({ runId }) => !isInFlight(readRuns.get(runId))).length,
    inFlight: read.filter(isInFlight).length,
    deliveries: ended?.deliveries ?? 0,
    delivered: ended?.delivered ?? 0,
    ...given({
      host: read.at(0)?.host ?? ended?.lastEnd?.host,
      accountId: accountOf(ended, read, accounts),
      ...(isWell(state)
        ? {}
        : sinceOf(facts, {
            isOurs: state === 'waiting_for_us',
            waiting: retrying,
            lastDeliveredAt,
            lastAnswerAt: lastAnswer?.at,
          })),
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

/** Whether an attempt is on its way, or due: nothing tells a time for which it waits. */
function isInFlight(delivery: LiveDelivery | undefined): boolean {
  if (delivery === undefined) return false;
  const { state, nextAttemptAt } = delivery;
  return nextAttemptAt === undefined && (state === 'retrying' || state === 'delivering');
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
