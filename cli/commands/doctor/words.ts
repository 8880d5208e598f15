/** What the doctor says to a person: one line for each thing it looked at, then the findings. Pure. */
import type { StandingRun } from '../../../client/survey-runs.ts';
import { POLL_SILENCE_MS } from '../../../client/task-queue.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { fastEnough } from './fast-enough.ts';
import { limitsInShort } from '../limit/words.ts';
import { tabbed } from '../../process/tabbed.ts';
import { examplesOf } from './judge-runs.ts';
import { notesOn } from './notes.ts';
import { packagesInWords, versionsInWords } from './versions-in-words.ts';
import type { Facts, QueueSeen, Seen, ServerSeen } from './facts.ts';
import type { Finding } from './finding.ts';
import { counted } from '../../process/counted.ts';

/** The report. Findings come last, so that they are what a person sees. */
export function reportInWords(facts: Facts, findings: readonly Finding[]): string {
  const notes = notesOn(facts).map((note) => `note: ${note}`);
  const lines = [...linesOf(facts), ...notes, ...findings.map(findingInWords)];
  return lines.join('\n');
}

/** `2 trouble, 1 warning`, or that nothing is wrong. */
export function summaryOf(findings: readonly Finding[], notes: readonly string[] = []): string {
  const noted = notes.length === 0 ? '' : `; ${counted(notes.length, 'note')}`;
  if (findings.length === 0) return `nothing is wrong${noted}`;
  const trouble = findings.filter(({ severity }) => severity === 'trouble').length;
  const warnings = findings.length - trouble;
  const parts = [trouble === 0 ? '' : `${trouble} trouble`, warnings === 0 ? '' : counted(warnings, 'warning')];
  return `${parts.filter((part) => part !== '').join(', ')}${noted}`;
}

function findingInWords({ severity, code, problem, fix, runs, examples = [] }: Finding): string {
  const more =
    runs === undefined ? '  and perhaps more' : runs > examples.length ? `  and ${runs - examples.length} more` : '';
  const ids = examples.length === 0 ? [] : [`  runs: ${examples.join('  ')}${more}`];
  return [`${severity} ${code}: ${oneLine(problem)}`, `  do: ${oneLine(fix)}`, ...ids].join('\n');
}

function linesOf({ at, taskQueue, server, database, secrets, keys, ...facts }: Facts): string[] {
  const { address, namespace, certificateEndsAt } = facts;
  const where = [address, namespace === undefined ? undefined : `namespace ${namespace}`];
  return [
    seenInWords('server', server, (seen) =>
      [...where, versionInWords(seen)].filter((text) => text !== undefined).join(', '),
    ),
    ...(server.is === 'there' ? serverLines(server.seen, taskQueue, Date.parse(at)) : []),
    seenInWords('database', database, ({ place, pending, unknown, unrecorded }) => {
      const newer = unknown.length === 0 ? '' : `, a newer version has applied ${unknown.join(', ')}`;
      const schema =
        pending.length === 0 ? `schema up to date${newer}` : `${counted(pending.length, 'migration')} pending`;
      const compared = unrecorded === undefined ? '' : `, ${counted(unrecorded.compared, 'closed run')} compared`;
      return `${place}, ${schema}${compared}`;
    }),
    seenInWords('secrets file', secrets, ({ references, fingerprint }) => {
      const file = fingerprint === undefined ? '' : `, file ${fingerprint}`;
      return `${counted(references, 'reference')}${file}`;
    }),
    seenInWords('encryption keys', keys, ({ activeKeyId }) => `${activeKeyId} encrypts`),
    ...(certificateEndsAt === undefined ? [] : [line('client certificate', `until ${certificateEndsAt}`)]),
  ];
}

function serverLines(seen: ServerSeen, taskQueue: string, atMs: number): string[] {
  const { attributes, queues, runs, clockAheadMs, workers, fairness, historyShards } = seen;
  const nowMs = atMs + (clockAheadMs ?? 0);
  const missing = Object.keys(attributes?.missing ?? {}).length + (attributes?.clashes.length ?? 0);
  return [
    ...(historyShards === undefined ? [] : [line('history shards', shardsInWords(historyShards))]),
    line('search attributes', attributes && (missing === 0 ? 'all' : `${missing} missing or of another type`)),
    ...queues.map((queue) => {
      // A run whose task nobody took is another proof: the server lists a killed worker for a while.
      const isPassedOver =
        queue.kind === 'workflow' && examplesOf(runs, 'no_worker').some((run) => isOfQueue(run, taskQueue));
      const isSilent = (workers === 'silent' || isPassedOver) && queue.taskQueue === taskQueue;
      return line(`${queue.kind} queue`, `${queueInWords(queue, isSilent)}${isSilent ? '' : quietest(queue, nowMs)}`);
    }),
    ...(seen.versions === undefined ? [] : [line('worker versions', versionsInWords(seen.versions))]),
    line('workers', workers && WORKERS[workers]),
    line('fast enough', fastEnough(seen, taskQueue, nowMs)),
    line('open runs', runs && openRunsInWords(runs)),
    line('fairness', fairness && fairnessInWords(seen)),
    ...queues.flatMap(limitsLines),
    line('clock', clockAheadMs === undefined ? undefined : clockInWords(-clockAheadMs)),
  ];
}

function isOfQueue({ taskQueue, waitsIn, version }: StandingRun, ours: string): boolean {
  return taskQueue === ours && waitsIn === 'workflow' && version === undefined;
}

/** Looks of one shard for new tasks, per second: Temporal's default of `history.transferProcessorMaxPollRPS`. */
const SHARD_LOOKS = 20;
/** Tasks of its shard that a call makes, at least. From so many calls on, each task waits for the next look. */
const CALL_TASKS = 3;
/** From here on the shards bear 100 calls a second, more than two cores of workers (docs/production.md). */
const MANY_SHARDS = 16;

/** The server does not show how often its shards look. So this is what its default means, and no finding. */
function shardsInWords(shards: number): string {
  if (shards >= MANY_SHARDS) return String(shards);
  const calls = Math.round((shards * SHARD_LOOKS) / CALL_TASKS);
  const limit = `above ${calls} calls a second tasks wait up to ${1_000 / SHARD_LOOKS} ms`;
  return `${shards}: ${limit}, if history.transferProcessorMaxPollRPS is the default of ${SHARD_LOOKS}`;
}

/** `33, of them retrying 28; 33 looked at, none stands still`. Of some runs the server counts kinds that overlap, so
 *  their sum might be more than all. */
function openRunsInWords({ open, retrying, described, counts, isWhole }: NonNullable<ServerSeen['runs']>): string {
  const kinds = Object.values(counts);
  const still = isWhole ? kinds.reduce((sum, count) => sum + count, 0) : Math.max(...kinds);
  const least = isWhole ? '' : 'at least ';
  const standing = still === 0 ? 'none stands still' : `${least}${counted(still, 'stands', 'stand')} still`;
  const looked = described === 0 ? '' : `; ${described} looked at, ${standing}`;
  return `${open ?? 'unknown'}, of them retrying ${retrying ?? 'unknown'}${looked}`;
}

function fairnessInWords({ fairness, fairnessUnclear: why }: ServerSeen): string {
  return `${fairness}${why === undefined ? '' : `: ${oneLine(why)}`}`;
}

function limitsLines({ taskQueue, limits, partitions }: QueueSeen): string[] {
  if (limits === undefined) return [];
  const parts = partitions === undefined || partitions === 1 ? '' : `, in ${partitions} partitions`;
  return [line('limits', `${taskQueue}: ${limitsInShort(limits)}${parts}`)];
}

const WORKERS = {
  answered: 'asked and answered',
  busy: 'asked, and too busy to answer within 6 s',
  silent: 'asked, and none answered within 6 s',
  not_asked: 'not asked: the server passed no question on',
  nobody_to_ask: 'not asked: no run of ours is there to ask about',
} as const;

/** What the rounding to tenths of a second cannot tell from no difference, ms. */
const CLOCK_TENTH_MS = 100;

/** `1.5 s ahead of the server's`, by this machine's clock. */
function clockInWords(aheadMs: number): string {
  if (Math.abs(aheadMs) < CLOCK_TENTH_MS) return "equal to the server's, within 0.1 s";
  return `${(Math.abs(aheadMs) / 1_000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the server's`;
}

/** `isSilent`: what the server lists did not answer, so it is not said to poll. */
function queueInWords({ taskQueue, pollers, live, backlog }: QueueSeen, isSilent: boolean): string {
  const dead = pollers.length - live;
  const ghosts =
    dead === 0 ? '' : ` (${dead}${live === 0 ? '' : ' more'} ${dead === 1 ? 'is' : 'are'} listed, dead or busy)`;
  const tasks = counted(backlog.tasks, 'task waits', 'tasks wait');
  const wait =
    backlog.tasks === 0 ? 'nothing waits' : `${tasks}, the oldest for ${Math.round(backlog.ageMs / 1_000)} s`;
  const [one, several] =
    isSilent && live > 0
      ? ['worker is listed and silent', 'workers are listed and silent']
      : ['worker polls', 'workers poll'];
  const polls = live === 1 ? one : several;
  return `${taskQueue}: ${live} ${polls}${ghosts}${packagesInWords(pollers)}, ${wait}`;
}

/** The server lists a stopped worker as one that waits in a long poll. With one worker the doctor's question tells. */
function quietest({ kind, pollers, live }: QueueSeen, nowMs: number): string {
  if (kind === 'activity' || live < 2) return '';
  const polls = pollers.map(({ lastPollMs }) => lastPollMs).toSorted((a, b) => b - a);
  const seconds = Math.max(0, Math.round((nowMs - (polls[live - 1] ?? nowMs)) / 1_000));
  const most = POLL_SILENCE_MS / 1_000;
  return `; one of them last polled ${seconds} s ago, and one that has stopped counts for up to ${most} s`;
}

function versionInWords({ version, retentionMs }: ServerSeen): string | undefined {
  const parts = [
    version === undefined ? undefined : `version ${version}`,
    retentionMs === undefined ? undefined : `retention ${Math.round(retentionMs / 3_600_000)} h`,
  ];
  return parts.filter((part) => part !== undefined).join(', ') || undefined;
}

function seenInWords<T>(what: string, seen: Seen<T>, words: (seen: T) => string): string {
  if (seen.is === 'unset') return tabbed('-', what, `not checked: ${seen.words}`);
  return seen.is === 'there' ? tabbed('seen', what, words(seen.seen)) : tabbed('failed', what, seen.problem.words);
}

function line(what: string, words: string | undefined): string {
  return words === undefined ? tabbed('-', what, 'not checked') : tabbed('seen', what, words);
}
