/**
 * The limits of a task queue: how many activities the server hands out per second, of the whole queue and of each
 * account. Temporal keeps them in the configuration of the task queue. The client asks for them before it starts a
 * run, the command `limit` shows and changes them, and the doctor tells them.
 */
import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { given } from '../contract/given.ts';
import { isoTime } from '../contract/iso-time.ts';
import { inDeadline, within } from './deadlines.ts';
import { describeQueue, QUEUE_TYPES, type QueueKind } from './task-queue.ts';

/** One limit, and who has set it. */
export type QueueRate = {
  readonly perSecond: number;
  readonly reason?: string;
  /** The identity of the client that set it. */
  readonly by?: string;
  /** ISO 8601 UTC. */
  readonly at?: string;
};

/** What is set for a task queue. */
export type QueueLimits = {
  /** Of all accounts together. */
  readonly queue?: QueueRate;
  /** Of each account, times its weight. */
  readonly perAccount?: QueueRate;
  /** By fairness key. An account that is not named has the weight 1. */
  readonly weights: Readonly<Record<string, number>>;
};

/** What to change. Null removes a limit; what is absent stays. */
export type LimitChange = {
  readonly queue?: number | null;
  readonly perAccount?: number | null;
  readonly weights: Readonly<Record<string, number>>;
  readonly noWeights: readonly string[];
  readonly reason: string;
};

/** What is set for activities of the queue. Undefined if the server is too old to tell. Rejects with what the SDK
 *  throws. */
export async function limitsOf(
  client: Client,
  taskQueue: string,
  kind: QueueKind = 'activity',
): Promise<QueueLimits | undefined> {
  const { config, effectiveRateLimit } = await describeQueue(client, taskQueue, kind, { reportConfig: true });
  // A server that knows limits tells the effective one in any case.
  return config || effectiveRateLimit ? limitsIn(config ?? {}) : undefined;
}

/** Whether a limit counts activities, so that they must not be handed out eagerly. */
export function isLimited({ queue, perAccount }: QueueLimits): boolean {
  return queue !== undefined || perAccount !== undefined;
}

/** How long an answer of `hasLimits` holds, ms. A limit that is set now counts for runs that start later than that. */
const HOLDS_MS = 30_000;

type Answer = { readonly askedAtMs: number; readonly limited: Promise<boolean> };

/** By client and task queue. All handles and clients of a process share it. */
const ANSWERS = new WeakMap<Client, Map<string, Answer>>();

/** Whether activities of the queue are limited. Asks the server once in 30 s, and waits for its answer for `waitMs` at
 *  most. Never rejects: without an answer, what was known before holds, else false. */
export function hasLimits(client: Client, taskQueue: string, waitMs: number): Promise<boolean> {
  const answers = ANSWERS.get(client) ?? new Map<string, Answer>();
  ANSWERS.set(client, answers);
  const last = answers.get(taskQueue);
  // Not the wall clock, which somebody may set.
  const nowMs = performance.now();
  if (last !== undefined && nowMs - last.askedAtMs < HOLDS_MS) return last.limited;
  const limited = ask(client, taskQueue, waitMs).catch(() => last?.limited ?? false);
  answers.set(taskQueue, { askedAtMs: nowMs, limited });
  return limited;
}

async function ask(client: Client, taskQueue: string, waitMs: number): Promise<boolean> {
  const limits = await within(client, waitMs, () => limitsOf(client, taskQueue));
  return limits !== undefined && isLimited(limits);
}

/** Changes what is set. Resolves with what is set now. Rejects with what the SDK throws. */
export async function changeLimits(
  client: Client,
  taskQueue: string,
  { queue, perAccount, weights, noWeights, reason }: LimitChange,
): Promise<QueueLimits> {
  const update = (kind: QueueKind, rates: object) =>
    client.workflowService.updateTaskQueueConfig({
      namespace: client.options.namespace,
      identity: client.options.identity,
      taskQueue,
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
      taskQueueType: QUEUE_TYPES[kind],
      setFairnessWeightOverrides: weights,
      unsetFairnessWeightOverrides: [...noWeights],
      ...rates,
    });
  const { config } = await update('activity', {
    updateQueueRateLimit: rateUpdate(queue, reason),
    updateFairnessKeyRateLimitDefault: rateUpdate(perAccount, reason),
  });
  // Workflow tasks have no limits. Their order is by weight, too.
  if (Object.keys(weights).length + noWeights.length > 0) await update('workflow', {});
  return limitsIn(config ?? {});
}

function rateUpdate(perSecond: number | null | undefined, reason: string) {
  if (perSecond === undefined) return undefined;
  return perSecond === null ? { reason } : { reason, rateLimit: { requestsPerSecond: perSecond } };
}

type Config = NonNullable<Awaited<ReturnType<Client['workflowService']['describeTaskQueue']>>['config']>;
type RateConfig = NonNullable<Config['queueRateLimit']>;

function limitsIn({ queueRateLimit, fairnessKeysRateLimitDefault, fairnessWeightOverrides }: Partial<Config>) {
  const weights = Object.entries(fairnessWeightOverrides ?? {}).map(([key, weight]) => [key, asWritten(weight)]);
  const rates = { queue: rateIn(queueRateLimit), perAccount: rateIn(fairnessKeysRateLimitDefault) };
  return { ...given(rates), weights: Object.fromEntries(weights) as Record<string, number> } satisfies QueueLimits;
}

/** A limit that was removed leaves who removed it, and no rate. */
function rateIn(config: RateConfig | null | undefined): QueueRate | undefined {
  const perSecond = config?.rateLimit?.requestsPerSecond;
  if (typeof perSecond !== 'number') return undefined;
  const { reason, updateIdentity, updateTime } = config?.metadata ?? {};
  return {
    perSecond: asWritten(perSecond),
    ...given({
      reason: reason || undefined,
      by: updateIdentity || undefined,
      at: isoTime(optionalTsToMs(updateTime)),
    }),
  };
}

/** The server keeps 32 bits: 0.1 comes back as 0.10000000149. */
function asWritten(value: number): number {
  return Number(value.toPrecision(6));
}

/** How many partitions the activities of the queue have. Undefined if the server does not tell. */
export async function partitionsOf(client: Client, taskQueue: string): Promise<number | undefined> {
  try {
    const { namespace } = client.options;
    const request = { namespace, taskQueue: { name: taskQueue } };
    const answer = await inDeadline(client, () => client.workflowService.listTaskQueuePartitions(request));
    return answer.activityTaskQueuePartitions.length || undefined;
  } catch {
    return undefined;
  }
}
