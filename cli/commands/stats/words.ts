/** Numbers of `stats` for people. Every final state that occurs is shown, so the counts add up. Pure. */
import type { DeliveryGroup } from '../../../adapters/index.ts';
import type { DeliveryState } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { counted } from '../../process/counted.ts';
import { factLines } from '../../process/fact-lines.ts';
import { shellWord } from '../../../client/shell-word.ts';
import { plainTable } from '../../process/plain-table.ts';
import { shareInWords, spanOf } from '../window.ts';
import type { RunningReason, RunningReasons } from './still-running.ts';

/** What one line is about. */
export const STATS_KINDS = ['account', 'endpoint', 'hour', 'hour,account', 'reason'] as const;
export type StatsKind = (typeof STATS_KINDS)[number];

/** In the order of the columns. */
const STATES = [
  'delivered',
  'failed',
  'gone',
  'refused',
  'cancelled',
  'terminated',
] as const satisfies readonly DeliveryState[];

/** The groups: hours as a table where 80 columns have room for it, anything else in lines of its own. `running`: what
 *  still runs after a failed attempt, by reason. */
export function statsInWords(
  by: StatsKind,
  groups: readonly DeliveryGroup[],
  running: readonly RunningReason[] = [],
): string {
  if (by === 'reason') return reasonsInLines(groups, running).join('\n');
  const states = occurringIn(groups, TABLE_STATES);
  const isTable = by === 'hour' && states.length === TABLE_STATES.length;
  return isTable ? hourTable(groups) : groups.map((group) => inLines(by, group)).join('\n');
}

/** What the numbers leave out. `asked`: what Temporal says. */
export function notCountedInWords(asked: NotCounted, since: string): readonly string[] {
  const reconcile = `topcalls-webhooks reconcile --since ${since}`;
  const { stillRunning, terminatedNotInLog } = asked;
  return [
    ...(stillRunning === undefined ? [] : [stillRunningInWords(stillRunning)]),
    ...terminatedInWords(terminatedNotInLog, reconcile),
  ];
}

/** What the log cannot count, by Temporal. It is asked for what still runs only per reason. */
export type NotCounted = { readonly stillRunning?: StillRunning; readonly terminatedNotInLog: TerminatedNotInLog };

/** Deliveries of terminated runs. `deliveries` is undefined if the server did not say. */
export type TerminatedNotInLog = {
  readonly deliveries?: number;
  readonly isWhole?: boolean;
  readonly problem?: string;
};

function terminatedInWords(
  { deliveries, isWhole, problem = '' }: TerminatedNotInLog,
  reconcile: string,
): readonly string[] {
  if (deliveries === undefined) return [`whether the log lacks terminated webhooks is not known: ${problem}`];
  if (deliveries === 0 && isWhole !== false) return [];
  const least = isWhole === false ? 'at least ' : '';
  const some = counted(deliveries, 'delivery of terminated runs is', 'deliveries of terminated runs are');
  return [`${least}${some} not in the log yet, and not counted above: ${reconcile}`];
}

/** What still runs, and what shows it. `webhooks` is undefined if the server did not say. */
export function stillRunningInWords(running: StillRunning): string {
  const { webhooks, account, endpointId, read, reasons = [], problem = '' } = running;
  if (webhooks === undefined) return `how many still run after a failed attempt is not known: ${problem}`;
  if (webhooks === 0) return 'no webhook still runs after a failed attempt';
  const [runs, are] = webhooks === 1 ? ['1 webhook still runs', 'is'] : [`${webhooks} webhooks still run`, 'are'];
  const whose = account === undefined ? '' : ` --account ${shellWord(account)}`;
  const show =
    endpointId === undefined ? `endpoints --unhealthy${whose}` : `report --endpoint ${shellWord(endpointId)}${whose}`;
  const command = `topcalls-webhooks ${show}`;
  if (read === undefined || read === 0)
    return `${runs} after a failed attempt, and ${are} not counted above: ${command}`;
  const some = read < webhooks ? `, of ${read} that were read` : '';
  // Those need not have failed: our own side may have kept their first attempt.
  const isHeld = reasons.some(({ states }) => states.waiting_for_us !== undefined);
  const why = isHeld ? ' or wait for us (above: retrying, waiting_for_us' : ' (above: retrying';
  return `${runs} after a failed attempt${why}${some}), not among the deliveries: ${command}`;
}

/** Of these webhooks the server was asked. */
export type StillRunning = Partial<RunningReasons> & {
  readonly webhooks?: number;
  readonly account?: string;
  readonly endpointId?: string;
  readonly problem?: string;
};

/** How many deliveries they are, and how many of those count a second time. */
export function countsInWords(groups: readonly DeliveryGroup[]): string {
  const deliveries = groups.reduce((sum, each) => sum + each.deliveries, 0);
  const again = groups.reduce((sum, each) => sum + each.redeliveries, 0);
  const some = counted(again, 'of them a redelivery, which counts', 'of them redeliveries, which count');
  return `${counted(deliveries, 'delivery', 'deliveries')}${again === 0 ? '' : `, ${some} again`},`;
}

const TABLE_STATES = ['delivered', 'failed'] as const;

function hourTable(groups: readonly DeliveryGroup[]): string {
  const rows = groups.map((group) => {
    const { share, attempts, p50, p99 } = inNumbers(group);
    const counts = TABLE_STATES.map((state) => group.states[state] ?? 0);
    return [nameOf('hour', group), ...counts, share, attempts, p50, p99];
  });
  return plainTable(['hour', ...TABLE_STATES, 'share', 'attempts', 'p50', 'p99'], rows);
}

/** A reason has a line of what ended and one of what still runs. What was delivered has no reason, so no line. */
function reasonsInLines(groups: readonly DeliveryGroup[], running: readonly RunningReason[]): readonly string[] {
  const keys = new Set([...groups.flatMap(({ key }) => key ?? []), ...running.map(({ key }) => key)]);
  return [...keys].flatMap((key) => [
    oneLine(key),
    ...groups.filter((group) => group.key === key).map((group) => endedInLines(group)),
    ...running.filter((each) => each.key === key).map((each) => runningInLines(each)),
  ]);
}

function endedInLines({
  states,
  webhooks,
  endpoints,
  endpointId,
  lastEnd,
  accounts,
  accountId,
}: DeliveryGroup): string {
  return indented([
    statesInWords(states),
    // A redelivery counts again in the states, and not here.
    webhooks === undefined ? '' : counted(webhooks, 'webhook'),
    ...whoInWords({ endpoints, accounts, ...given({ endpointId, host: lastEnd?.host, accountId }) }),
  ]);
}

function runningInLines({ states, ...who }: RunningReason): string {
  const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return indented([counts.join(', '), ...whoInWords(who)]);
}

type Who = Pick<RunningReason, 'endpoints' | 'endpointId' | 'host' | 'accounts' | 'accountId'>;

/** One of them is named, more are counted. */
function whoInWords({ endpoints, endpointId, host = '', accounts, accountId }: Who): readonly string[] {
  const some = counted(endpoints, 'endpoint');
  const account = accountId === undefined ? '1 account' : `account ${accountId}`;
  return [
    ...(endpointId === undefined ? [some] : [host, endpointId]),
    accounts === 1 ? account : `${accounts} accounts`,
  ];
}

/** The facts on lines below a name. */
function indented(facts: readonly string[]): string {
  const [, ...lines] = factLines(['name', ...facts]).split('\n');
  return lines.join('\n');
}

function nameOf(by: StatsKind, { key, accountId = '(no account)' }: DeliveryGroup): string {
  if (key === undefined) return `(no ${by})`;
  const hour = key.replace(':00:00.000Z', 'Z');
  if (by === 'hour,account') return `${hour}  ${accountId}`;
  return by === 'hour' ? hour : key;
}

function statesInWords(states: DeliveryGroup['states'], always: readonly DeliveryState[] = []): string {
  const shown = occurringIn([{ states }], always);
  return shown.map((state) => `${states[state] ?? 0} ${state}`).join(', ');
}

function inLines(by: StatsKind, group: DeliveryGroup): string {
  const { share, attempts, p50, p99 } = inNumbers(group);
  const host = by === 'endpoint' && group.lastEnd !== undefined ? `  ${group.lastEnd.host}` : '';
  return factLines([
    `${nameOf(by, group)}${host}`,
    statesInWords(group.states, ['delivered']),
    share ?? '',
    counted(attempts, 'attempt'),
    p50 === '' ? '' : `late p50 ${p50}, p99 ${p99}`,
  ]);
}

function occurringIn(
  groups: readonly Pick<DeliveryGroup, 'states'>[],
  always: readonly DeliveryState[],
): readonly DeliveryState[] {
  return STATES.filter((state) => always.includes(state) || groups.some(({ states }) => (states[state] ?? 0) > 0));
}

function inNumbers({ deliveries, states, attempts, lateness }: DeliveryGroup) {
  return {
    share: shareInWords(states.delivered ?? 0, deliveries),
    attempts,
    p50: lateness === undefined ? '' : spanOf(lateness.p50Ms),
    p99: lateness === undefined ? '' : spanOf(lateness.p99Ms),
  };
}
