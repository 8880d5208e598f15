/** Runs `limit`: looks, checks, changes, and says what was before and what is now. */
import type { Client } from '@temporalio/client';
import { factsOf, inDeadline, REQUEST_TIMEOUT_MS } from '../../../client/deadlines.ts';
import { clientErrorOf } from '../../../client/client-error-of.ts';
import { tryFairness } from '../../../client/fairness-probe.ts';
import { grpcCauseOf, statusNameOf } from '../../../client/grpc-answers.ts';
import { changeLimits, isLimited, limitsOf, partitionsOf } from '../../../client/queue-limits.ts';
import type { LimitChange, QueueLimits } from '../../../client/queue-limits.ts';
import { pollersOf } from '../../../client/task-queue.ts';
import { given } from '../../../contract/given.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { DEFAULT_TASK_QUEUE } from '../../../contract/server-names.ts';
import { filled } from '../../../temporal-server/env.ts';
import { type OpenClient, withClient } from '../../environment/open-client.ts';
import { CliError, EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { changesInWords, limitsInWords } from './words.ts';

/** Options of every subcommand. */
export type LimitOptions = { readonly namespace?: string; readonly taskQueue?: string; readonly json: boolean };

type ChangeOptions = LimitOptions & { readonly reason: string; readonly dryRun: boolean };

/** Options of `limit set`. Rates are per second. */
export type SetOptions = ChangeOptions & {
  readonly perAccount?: number;
  readonly queue?: number;
  readonly weight?: Readonly<Record<string, number>>;
  readonly force: boolean;
};

/** Options of `limit unset`. */
export type UnsetOptions = ChangeOptions & {
  readonly perAccount: boolean;
  readonly queue: boolean;
  readonly weight?: readonly string[];
  readonly all: boolean;
};

/** Prints what is set. Resolves with 0. Rejects with CliError or with an error of the client. */
export async function runShow(options: LimitOptions, terminal: Terminal): Promise<ExitCode> {
  return onQueue(options, terminal, async ({ open, taskQueue, before, isPolled, partitions }) => {
    const { address, namespace } = open;
    const notes = [...(isPolled ? [] : [`no worker polls the task queue ${quoted(taskQueue)}`]), ...noteOf(partitions)];
    if (options.json) terminal.data(json({ address, namespace, taskQueue, ...given({ partitions }), ...before }));
    else terminal.data(limitsInWords(before));
    for (const note of notes) terminal.say(`note: ${note}`);
    return EXIT.ok;
  });
}

/** Sets. Resolves with 0. Rejects with CliError or with an error of the client. */
export async function runSet(options: SetOptions, terminal: Terminal): Promise<ExitCode> {
  const { perAccount, queue, weight: weights = {}, reason, force } = options;
  const needsFairness = perAccount !== undefined || Object.keys(weights).length > 0;
  if (!needsFairness && queue === undefined)
    throw usageError('set what? Name --per-account <rate>, --queue <rate> or --weight <account=weight>');
  const change = { ...given({ perAccount, queue }), weights, noWeights: [], reason };
  return onQueue(options, terminal, async (seen) => {
    const { open, taskQueue, isPolled } = seen;
    if (!isPolled && !force) throw unknownQueue(taskQueue, open.namespace);
    const notes = needsFairness && !force ? await notesOnFairness(open.client) : [];
    return changed(seen, change, { options, terminal, notes });
  });
}

/** Rejects where the server is unfair. */
async function notesOnFairness(client: Client): Promise<string[]> {
  const seen = await tryFairness(client);
  if (seen.fairness === 'off') throw unfair();
  return seen.fairness !== 'unclear' ? [] : [`whether the server is fair could not be seen: ${oneLine(seen.why)}`];
}

/** Removes. Resolves with 0. Rejects with CliError or with an error of the client. */
export async function runUnset(options: UnsetOptions, terminal: Terminal): Promise<ExitCode> {
  const { perAccount, queue, weight: noWeights = [], all, reason } = options;
  if (!all && !perAccount && !queue && noWeights.length === 0)
    throw usageError('unset what? Name --per-account, --queue, --weight <account> or --all');
  return onQueue(options, terminal, async (seen) => {
    const change: LimitChange = {
      ...(perAccount || all ? { perAccount: null } : {}),
      ...(queue || all ? { queue: null } : {}),
      weights: {},
      noWeights: all ? Object.keys(seen.before.weights) : noWeights,
      reason,
    };
    return changed(seen, change, { options, terminal, notes: [] });
  });
}

type SeenQueue = {
  readonly open: OpenClient;
  readonly taskQueue: string;
  readonly before: QueueLimits;
  readonly isPolled: boolean;
  /** Absent if the server does not tell. */
  readonly partitions: number | undefined;
};

async function onQueue(
  options: LimitOptions,
  { env }: Terminal,
  use: (seen: SeenQueue) => Promise<ExitCode>,
): Promise<ExitCode> {
  const taskQueue = options.taskQueue ?? filled(env['TOPCALLS_TASK_QUEUE']) ?? DEFAULT_TASK_QUEUE;
  return withClient(env, options.namespace, async (open) =>
    inWords(open.client, taskQueue, async () => {
      const { client } = open;
      const [before, partitions, ...pollers] = await Promise.all([
        inDeadline(client, () => limitsOf(client, taskQueue)),
        partitionsOf(client, taskQueue),
        pollersOf(client, taskQueue, 'workflow'),
        pollersOf(client, taskQueue, 'activity'),
      ]);
      if (before === undefined) throw tooOld();
      return use({ open, taskQueue, before, isPolled: pollers.flat().length > 0, partitions });
    }),
  );
}

/** How a change is told, and what is told beside it. */
type Telling = { readonly options: ChangeOptions; readonly terminal: Terminal; readonly notes: readonly string[] };

async function changed(
  { open, taskQueue, before, partitions }: SeenQueue,
  change: LimitChange,
  { options, terminal, notes }: Telling,
): Promise<ExitCode> {
  const { dryRun } = options;
  const { address, namespace, client } = open;
  const after = dryRun
    ? withChange(before, change)
    : await inDeadline(client, () => changeLimits(client, taskQueue, change));
  const lines = changesInWords(before, after);
  if (options.json) terminal.data(json({ address, namespace, taskQueue, dryRun, before, after }));
  else for (const line of lines) terminal.data(line);
  const verb = dryRun ? 'would change' : 'changed';
  const what = lines.length === 0 ? 'nothing to do: it is so already' : `${verb} ${lines.length}`;
  terminal.say(`${oneLine(taskQueue)} in ${namespace} at ${address}: ${what}`);
  const begins = !dryRun && isLimited(after) && !isLimited(before) ? [BEGINS] : [];
  for (const note of [...begins, ...notes, ...(isLimited(after) ? noteOf(partitions) : [])]) {
    terminal.say(`${terminal.colors.yellow('note:')} ${note}`);
  }
  return EXIT.ok;
}

const BEGINS =
  'runs that start 30 s from now or later keep the limit; the first attempt of an earlier one may go out without it';

/** What would be set. The server adds who set it. */
function withChange(before: QueueLimits, { queue, perAccount, weights, noWeights, reason }: LimitChange): QueueLimits {
  const rate = (old: QueueLimits['queue'], wanted: number | null | undefined): QueueLimits['queue'] => {
    if (wanted === undefined) return old;
    return wanted === null ? undefined : { perSecond: wanted, ...given({ reason: reason || undefined }) };
  };
  const kept = Object.entries({ ...before.weights, ...weights }).filter(([key]) => !noWeights.includes(key));
  return {
    ...given({ queue: rate(before.queue, queue), perAccount: rate(before.perAccount, perAccount) }),
    weights: Object.fromEntries(kept),
  };
}

/** Each partition keeps its part of a limit. */
function noteOf(partitions: number | undefined): readonly string[] {
  if (partitions === undefined || partitions < 2) return [];
  return [
    `the task queue has ${partitions} partitions, and each hands out its part of a limit: an account with few ` +
      'attempts may be slower than its limit. With one partition it is exact (deploy/temporal-dynamic-config.yaml)',
  ];
}

async function inWords<T>(client: Client, taskQueue: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (statusNameOf(grpcCauseOf(error)) === 'UNIMPLEMENTED') throw tooOld(error);
    const what = `the limits of the task queue ${quoted(taskQueue)}`;
    throw clientErrorOf(error, factsOf(client, { what, kind: 'control', timeoutMs: REQUEST_TIMEOUT_MS }));
  }
}

function tooOld(cause?: unknown): CliError {
  const words =
    'this Temporal server has no limits of task queues: upgrade it. Meanwhile a worker can limit itself: ' +
    'temporal: { maxTaskQueueActivitiesPerSecond } of createWebhookWorker';
  return new CliError('limits_unsupported', EXIT.failed, words, { cause });
}

function unknownQueue(taskQueue: string, namespace: string): CliError {
  const words =
    `no worker polls the task queue ${quoted(taskQueue)} in namespace ${namespace}. Name the one of your workers ` +
    'with --task-queue, or start a worker first; --force sets it all the same';
  return new CliError('unknown_task_queue', EXIT.failed, words);
}

function unfair(): CliError {
  const words =
    'the server ignores fairness keys, so a limited account would hold up the others. Set matching.enableFairness, ' +
    'as deploy/temporal-dynamic-config.yaml does; --force sets limits all the same';
  return new CliError('fairness_off', EXIT.failed, words);
}

function json(outcome: object): string {
  return JSON.stringify(outcome, undefined, 2);
}

function quoted(name: string): string {
  return JSON.stringify(oneLine(name));
}
