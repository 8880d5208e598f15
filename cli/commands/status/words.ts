/** A webhook's status in words: where it stands, what happens next and when, and what a person can do. Pure. */
import { isFinal, type DeliveryStatus, type Stalled, type WebhookStatus } from '../../../contract/delivery-state.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { shellWord } from '../../../client/shell-word.ts';
import { MAX_RETRY_AFTER_MS } from '../../../contract/limits.ts';
import { laterThanRung } from '../../../contract/later-than-rung.ts';
import { attemptsIn } from '../../../contract/retry-schedule.ts';
import { attemptsTable, inSeconds, stateInWords } from '../attempts-table.ts';
import { endInWords } from '../end-in-words.ts';
import { unheardInWords } from './ignored.ts';
import { nextSteps } from './next-steps.ts';
import { reasonLines } from './reason-words.ts';

/** An earlier run of the same workflow id. `read`: its status, or why it could not be read; absent if nobody asked. */
export type EarlierRun = {
  readonly runId: string;
  readonly state: string;
  readonly endedAt?: string;
  readonly read?: WebhookStatus | string;
};

/** What is known besides the status. */
export type StatusFacts = {
  /** Whether the run is open. It may be, although all its deliveries have ended. */
  readonly isOpen: boolean;
  /** Undefined when the latest run is shown. */
  readonly runId?: string;
  /** The waits of the ladder; undefined if the input cannot tell. */
  readonly retryDelaysMs?: readonly number[];
  /** Earlier runs, the latest first. */
  readonly earlier: readonly EarlierRun[];
  /** The first run that this one copies, if it was reset. */
  readonly resetOf?: string;
  /** Signals that changed nothing, in words. */
  readonly ignored: readonly string[];
  /** Facts that could not be read, and why. */
  readonly unread?: string;
  /** For the commands to paste; undefined where the default will do. */
  readonly namespace?: string;
  readonly nowMs: number;
};

const WIDTH = 80;

/** The status in words. Texts that others wrote are on one line and drive no terminal. */
export function statusInWords(status: WebhookStatus, facts: StatusFacts): string {
  const { workflowId, event, state, deliveries, artifacts, repairs = [], stalled, unheard = [] } = status;
  const expected = Object.entries(artifacts ?? {}).filter(([, what]) => what !== 'not_expected');
  const got = expected.map(([name, what]) => `${name} ${what}`);
  const hasEnded = facts.isOpen && deliveries.every((delivery) => isFinal(delivery.state));
  const isUnheard = hasEnded && status.settlesUntil !== undefined;
  const waitsForLog = hasEnded && !isUnheard && (stalled === undefined || stalled.why === 'waiting_for_log');
  return [
    `${oneLine(workflowId)}  ${event}: ${endInWords(stalled?.why ?? state, undefined, status)}`,
    ...(facts.runId === undefined ? [] : [`run ${facts.runId}, which is not the latest one`]),
    ...resetLine(facts),
    ...(stalled === undefined ? [] : stalledLines(stalled)),
    ...(isUnheard ? [`it is cancelled, and rests${restWords(status, facts)}; "cancel" closes it now`] : []),
    ...(waitsForLog ? ['every delivery has ended; the run waits until the delivery log takes the outcome'] : []),
    ...(facts.unread === undefined ? [] : [`note: ${oneLine(facts.unread)}`]),
    ...[...unheard.map(unheardInWords), ...facts.ignored].map((note) => `note: ${oneLine(note)}`),
    ...(got.length === 0 ? [] : [`artifacts: ${got.join(', ')}`]),
    ...repairs.map(({ field, problem }) => oneLine(`repaired: ${field}: ${problem}`)),
    ...deliveryLines(status, facts, facts.earlier),
    ...earlierSection(facts),
    ...section('what you can do:', nextSteps(status, { ...facts, where: whereOf(facts) })),
  ].join('\n');
}

/** Each delivery with its attempts. A redelivery carries along what an earlier run has ended: if that was read, its
 *  attempts stand there. */
function deliveryLines(status: WebhookStatus, facts: StatusFacts, earlier: readonly EarlierRun[]): readonly string[] {
  return status.deliveries.flatMap((delivery) => {
    const head = ['', ...together(oneLine(delivery.host), delivery.endpointId, delivery.webhookId)];
    const stands = standing(delivery, facts, status);
    if (isCarried(delivery, earlier)) return [...head, `${stands}, by an earlier run`];
    const { attempts } = delivery;
    const table = attempts.length === 0 ? [] : [attemptsTable(attempts)];
    return [...head, stands, ...reasonLines(delivery), ...table];
  });
}

function isCarried({ webhookId, state, attempts }: DeliveryStatus, earlier: readonly EarlierRun[]): boolean {
  const deliveries = earlier.flatMap(({ read }) => (typeof read === 'object' ? read.deliveries : []));
  const same = deliveries.filter((each) => each.webhookId === webhookId && each.state === state);
  return attempts.length > 0 && same.some((each) => JSON.stringify(each.attempts) === JSON.stringify(attempts));
}

/** A line for each earlier run; if they were read, all they did. */
function earlierSection(facts: StatusFacts): readonly string[] {
  const { earlier } = facts;
  const title = 'earlier runs, the latest first:';
  if (earlier.every(({ read }) => read === undefined)) return section(title, earlierLines(facts));
  const runs = earlier.flatMap(({ read, runId, state, endedAt }, at) => {
    const head = [`run ${runId}: `, endedInWords(endedAt)] as const;
    if (read === undefined || typeof read === 'string') {
      return ['', `${head[0]}${oneLine(state)}${head[1]}`, `could not be read: ${oneLine(read ?? '')}`];
    }
    return [
      '',
      `${head[0]}${endInWords(read.state, undefined, read)}${head[1]}`,
      ...deliveryLines(read, facts, earlier.slice(at + 1)),
    ];
  });
  return ['', title, ...runs];
}

/** On one line if a terminal has room for it. */
function together(host: string, ...ids: readonly string[]): readonly string[] {
  const line = [host, ...ids.map(oneLine)].join('  ');
  return line.length <= WIDTH ? [line] : [host, `  ${ids.map(oneLine).join('  ')}`];
}

/** What stands still is never said to be delivering or settling: a person would wait for it. */
function stalledLines({ why, problem, fix, since }: Stalled): readonly string[] {
  const from = since === undefined ? '' : ` since ${inSeconds(since)}`;
  return [oneLine(`stands still${from}: ${problem}`), oneLine(`what helps: ${fix} (${why})`)];
}

function standing(delivery: DeliveryStatus, facts: StatusFacts, status: WebhookStatus): string {
  const { retryDelaysMs, nowMs } = facts;
  const { stalled, unheard = [], artifactsAwaited } = status;
  const { state, reason, nextAttemptAt, dueSince, waitingSince, attempts } = delivery;
  const now = stateInWords(state, reason === undefined ? undefined : oneLine(reason));
  if (isFinal(state)) return now;
  // The server has a wait or an attempt until then. Neither is what comes next.
  const isCancelled = unheard.some(({ signal, endpointId = delivery.endpointId }) => {
    return signal === 'cancel' && endpointId === delivery.endpointId;
  });
  if (isCancelled) return `${now}; it is cancelled once a worker takes up the cancel`;
  const number = (attempts.at(-1)?.number ?? 0) + 1;
  const attempt = `attempt ${number}${retryDelaysMs === undefined ? '' : ` of ${attemptsIn(retryDelaysMs)}`}`;
  if (state === 'waiting_for_us') {
    const since = waitingSince === undefined ? '' : ` since ${inSeconds(waitingSince)}`;
    return `${now}${since}; ${attempt} is not spent`;
  }
  if (stalled !== undefined && nextAttemptAt === undefined) return `${stalled.why}; ${attempt} does not start`;
  if (stalled === undefined && dueSince !== undefined) {
    const forHowLong = spanInWords(nowMs - Date.parse(dueSince));
    return `${now}; ${attempt} has been due for ${forHowLong}, and no worker has started it: topcalls-webhooks doctor`;
  }
  if (nextAttemptAt === undefined) {
    if (state === 'settling') return `${now}${restWords(status, facts)}`;
    if (state === 'fetching') return artifactsAwaited === undefined ? now : `${now}: ${oneLine(artifactsAwaited)}`;
    return `${now}; ${attempt} is in flight, or starts now`;
  }
  return `${now}; next attempt at ${whenWords(nextAttemptAt, nowMs)}: ${attempt}${whyLater(delivery, facts)}`;
}

/** Why the next attempt comes later than the ladder says. Empty if it does not, and after a reset, which begins the
 *  wait anew. */
function whyLater(delivery: DeliveryStatus, { retryDelaysMs = [], resetOf }: StatusFacts): string {
  const later = laterThanRung(delivery, retryDelaysMs);
  if (later === undefined || resetOf !== undefined) return '';
  const most = later.waitMs >= MAX_RETRY_AFTER_MS ? '; at most 1 h counts' : '';
  const rung = `the ladder alone would wait ${spanInWords(later.rungMs)}`;
  const answer = delivery.attempts.at(-1)?.status;
  return `\nlater than the ladder: the receiver answered ${answer} and asked to wait (Retry-After${most}); ${rung}`;
}

function whenWords(time: string, nowMs: number): string {
  const leftMs = Date.parse(time) - nowMs;
  return `${inSeconds(time)}, ${leftMs > 0 ? `in ${spanInWords(leftMs)}` : 'due now'}`;
}

/** How long it settles. Empty if nobody knows. */
function restWords({ settlesUntil }: WebhookStatus, { nowMs }: StatusFacts): string {
  return settlesUntil === undefined ? '' : ` until ${whenWords(settlesUntil, nowMs)}`;
}

/** 250000 → `4 min 10 s`, 5400000 → `1 h 30 min`. Below zero, as between two clocks, it is `0 s`. */
export function spanInWords(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** A reset in the Web UI ends a run, and starts a copy that does a part of it again. */
function resetLine(facts: StatusFacts): readonly string[] {
  const { resetOf, earlier } = facts;
  if (resetOf === undefined) return [];
  const before = statusCommand(earlier[0]?.runId ?? resetOf, facts);
  return [`this run was reset: it does a part of the run before it again (${before})`];
}

/** The run among the runs of its id. A customer may get the page, so it names no signal and nobody who sent one. */
export function notesOnRuns(facts: StatusFacts): readonly string[] {
  return [
    ...(facts.runId === undefined ? [] : [`run ${facts.runId} is not the latest one`]),
    ...resetLine(facts),
    ...earlierLines(facts).map((line) => `earlier run: ${line}`),
    ...(facts.unread === undefined ? [] : [facts.unread]),
  ];
}

function earlierLines(facts: StatusFacts): readonly string[] {
  return facts.earlier.map(
    ({ runId, state, endedAt }) => `${oneLine(state)}${endedInWords(endedAt)}  ${statusCommand(runId, facts)}`,
  );
}

/** A delivery may have ended before: a run closes once its outcome is recorded. */
function endedInWords(endedAt: string | undefined): string {
  return endedAt === undefined ? '' : `, closed ${inSeconds(endedAt)}`;
}

function statusCommand(runId: string, facts: StatusFacts): string {
  return `topcalls-webhooks status ${shellWord(runId)}${whereOf(facts)}`;
}

function whereOf({ namespace }: StatusFacts): string {
  return namespace === undefined ? '' : ` -n ${shellWord(namespace)}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
