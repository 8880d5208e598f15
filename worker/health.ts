/**
 * Health of a worker, for the readiness probe of its host. The SDK's own state says RUNNING also while the server is
 * gone or frozen, so the server is asked over the worker's own connection. Does it answer, and does anybody poll?
 * Ports that the host marks as required are asked as well.
 */
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { Worker } from '@temporalio/worker';
import { errorFacts } from '../activities/port-error.ts';
import { given } from '../contract/given.ts';
import { checkMethod, checkOptionNames } from '../contract/known-options.ts';
import { isoTime } from '../contract/iso-time.ts';

/** Why a worker is not ready.
 *  - `starting`: it does not run yet, or no question has been answered yet
 *  - `draining`: it was asked to stop, and lets its attempts end
 *  - `stopped`: it has ended
 *  - `temporal_silent`: the server has answered nothing for 30 s
 *  - `not_polling`: the server answers, and has seen no poll of any worker of the task queue for 90 s
 *  - `port_down`: a required port is down; `required` says which */
export type NotReadyReason = 'starting' | 'draining' | 'stopped' | 'temporal_silent' | 'not_polling' | 'port_down';

/** A required port as it was last seen. `problem`: code or class of its error, and its message if that is safe. */
export type PortHealth = { readonly up: boolean; readonly problem?: string; readonly checkedAt?: string };

/** What is known of a worker's health. Times are ISO 8601 UTC, by this machine's clock. */
export type WebhookWorkerHealth = {
  readonly ready: boolean;
  /** Empty if it is ready. */
  readonly reasons: readonly NotReadyReason[];
  readonly temporal: {
    /** When it last answered; absent before the first answer. */
    readonly lastAnswerAt?: string;
    /** When it was last seen that this worker had polled. It may be minutes ago, or absent, in a healthy worker: the
     *  server tells the polls of one of the task queue's partitions only. */
    readonly lastPollAt?: string;
    /** Why it did not answer the last question. */
    readonly problem?: string;
  };
  readonly required: Readonly<Record<string, PortHealth>>;
};

/** Options of `webhookWorkerHealth`. */
export type WebhookWorkerHealthOptions = {
  /** Ports without which the worker is not ready, by any name. Each function asks one: it resolves if the port is up.
   *  `{ log: () => log.list({ limit: 1 }) }`. One that takes longer than 5 s counts as down. Default: none. */
  readonly required?: Readonly<Record<string, () => unknown>>;
  /** How often server and ports are asked, ms. Default 5000. */
  readonly everyMs?: number;
  /** For how long the server may be silent, ms. Default 30000. */
  readonly silenceMs?: number;
};

/** Watches a worker until `stop()`. `read()` answers at once, from what was last seen. `firstLook` resolves when
 *  everything has been asked once, after 5 s at most; it never rejects. */
export type WorkerHealthWatch = {
  readonly read: () => WebhookWorkerHealth;
  readonly firstLook: Promise<void>;
  readonly stop: () => void;
};

const EVERY_MS = 5_000;
const SILENCE_MS = 30_000;
/** Of one question. */
const ANSWER_MS = 5_000;
/** The server answers an empty poll after a minute, and the worker polls again. */
const NOT_POLLING_MS = 90_000;

/** What is asked of a worker. Any worker of the SDK has it. */
type WatchedWorker = Pick<Worker, 'getState' | 'connection'> & {
  readonly options: Pick<Worker['options'], 'namespace' | 'taskQueue' | 'identity'>;
};

/** Begins to watch a worker: one of `createWebhookWorker`, or the host's own with our parts. Keeps no process alive.
 *  `const health = webhookWorkerHealth(worker, { required: { log: () => log.list({ limit: 1 }) } });`
 *  `response.writeHead(health.read().ready ? 200 : 503)` */
export function webhookWorkerHealth(
  worker: WatchedWorker,
  options: WebhookWorkerHealthOptions = {},
): WorkerHealthWatch {
  const what = 'webhookWorkerHealth';
  checkMethod(what, worker, 'getState', 'pass the worker: webhookWorkerHealth(worker)');
  checkOptionNames(what, options, ['required', 'everyMs', 'silenceMs']);
  for (const [name, ask] of Object.entries(options.required ?? {})) {
    if (typeof ask !== 'function')
      throw new TypeError(`${what}: required.${name} must be a function that asks the port`);
  }
  const watch = new Watch(worker, options);
  // A port may hang for as long as it likes.
  const late = new Promise<void>((resolve) => void setTimeout(resolve, ANSWER_MS).unref());
  const firstLook = Promise.race([watch.look(), late]);
  const timer = setInterval(() => void watch.look(), options.everyMs ?? EVERY_MS).unref();
  return { read: () => watch.read(), firstLook, stop: () => clearInterval(timer) };
}

class Watch {
  readonly #worker: WatchedWorker;
  readonly #silenceMs: number;
  readonly #ports: readonly Port[];
  readonly #beganMs = Date.now();
  #isAsking = false;
  #answerMs: number | undefined;
  #problem: string | undefined;
  #isRefused = false;
  #ownPoll: SeenPoll | undefined;
  /** The last poll by any worker. The server tells the pollers of the root partition only, so one idle worker among
   *  many is missing there for minutes. All of them are missing only if nobody polls. */
  #anyPoll: SeenPoll | undefined;

  constructor(worker: WatchedWorker, { silenceMs = SILENCE_MS, required = {} }: WebhookWorkerHealthOptions) {
    this.#worker = worker;
    this.#silenceMs = silenceMs;
    this.#ports = Object.entries(required).map(([name, ask]) => new Port(name, ask));
  }

  /** Asks everything once, and nothing that has not answered yet. */
  async look(): Promise<void> {
    await Promise.all([...this.#ports.map((port) => port.look()), this.#isAsking ? undefined : this.#askServer()]);
  }

  read(): WebhookWorkerHealth {
    const reasons = this.#reasons(Date.now());
    return {
      ready: reasons.length === 0,
      reasons,
      temporal: given({
        lastAnswerAt: isoTime(this.#answerMs),
        lastPollAt: isoTime(this.#ownPoll?.seenMs),
        problem: this.#problem,
      }),
      required: Object.fromEntries(this.#ports.map(({ name, health }) => [name, health])),
    };
  }

  #reasons(nowMs: number): NotReadyReason[] {
    const state = this.#worker.getState();
    if (state === 'INITIALIZED') return ['starting'];
    if (state === 'STOPPED' || state === 'FAILED') return ['stopped'];
    if (state !== 'RUNNING') return ['draining'];
    const isSilent = nowMs - (this.#answerMs ?? this.#beganMs) >= this.#silenceMs;
    if (!isSilent && this.#answerMs === undefined) return ['starting'];
    const isIdle = !this.#isRefused && nowMs - (this.#anyPoll?.seenMs ?? this.#beganMs) >= NOT_POLLING_MS;
    return [
      ...(isSilent ? (['temporal_silent'] as const) : []),
      // While it is silent nothing is known about polls.
      ...(isIdle && !isSilent ? (['not_polling'] as const) : []),
      ...(this.#ports.some(({ health }) => !health.up) ? (['port_down'] as const) : []),
    ];
  }

  async #askServer(): Promise<void> {
    const { connection, options } = this.#worker;
    if (connection === undefined) return;
    const { namespace, taskQueue, identity } = options;
    this.#isAsking = true;
    try {
      const request = { namespace, taskQueue: { name: taskQueue }, taskQueueType: WORKFLOW_QUEUE };
      const { pollers } = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
        // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
        connection.workflowService.describeTaskQueue(request),
      );
      this.#answerMs = Date.now();
      this.#problem = undefined;
      this.#isRefused = false;
      const own = pollers.filter((poller) => poller.identity === identity);
      this.#ownPoll = latestPoll(own, this.#answerMs, this.#ownPoll);
      this.#anyPoll = latestPoll(pollers, this.#answerMs, this.#anyPoll);
    } catch (error) {
      const status = (error as { readonly code?: unknown }).code;
      const isSilence = typeof status !== 'number' || SILENCE.has(status);
      // A refusal is an answer. Then nobody can say whether this worker polls.
      if (!isSilence) this.#answerMs = Date.now();
      this.#isRefused = !isSilence;
      this.#problem = isSilence ? 'no answer' : `refused with gRPC status ${status}`;
    } finally {
      this.#isAsking = false;
    }
  }
}

/** The server's time of a poll, and when we saw it change: the two clocks may differ. */
type SeenPoll = { readonly serverMs: number; readonly seenMs: number };

type Poller = { readonly lastAccessTime?: Parameters<typeof optionalTsToMs>[0] };

function latestPoll(pollers: readonly Poller[], seenMs: number, before: SeenPoll | undefined): SeenPoll | undefined {
  const serverMs = Math.max(0, ...pollers.map(({ lastAccessTime }) => optionalTsToMs(lastAccessTime) ?? 0));
  return serverMs > (before?.serverMs ?? 0) ? { serverMs, seenMs } : before;
}

/** CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE */
const SILENCE: ReadonlySet<number> = new Set([1, 4, 14]);

/** TASK_QUEUE_TYPE_WORKFLOW */
const WORKFLOW_QUEUE = 1;

/** A required port. It is down until it has answered once. */
class Port {
  readonly name: string;
  readonly #ask: () => unknown;
  health: PortHealth = { up: false, problem: 'not asked yet' };
  #isAsking = false;

  constructor(name: string, ask: () => unknown) {
    this.name = name;
    this.#ask = ask;
  }

  async look(): Promise<void> {
    // A port that hangs is asked once. It is down after 5 s, and is asked again when it has answered.
    if (this.#isAsking) return;
    this.#isAsking = true;
    const late = setTimeout(() => this.#seen('no answer within 5 s'), ANSWER_MS).unref();
    try {
      await this.#ask();
      this.#seen(undefined);
    } catch (error) {
      const { error: name, errorMessage } = errorFacts(error);
      this.#seen(errorMessage === undefined ? name : `${name}: ${errorMessage}`);
    } finally {
      clearTimeout(late);
      this.#isAsking = false;
    }
  }

  #seen(problem: string | undefined): void {
    this.health = { up: problem === undefined, ...given({ problem }), checkedAt: new Date().toISOString() };
  }
}
