/** What the doctor has seen, before it judges. Types only. */
import type { WorkersAnswer } from '../../../client/ask-workers.ts';
import type { Fairness } from '../../../client/fairness-probe.ts';
import type { QueueLimits } from '../../../client/queue-limits.ts';
import type { Survey } from '../../../client/survey-runs.ts';
import type { Backlog, Poller, QueueKind } from '../../../client/task-queue.ts';
import type { VersionStatus } from '../../../client/worker-versions.ts';
import type { Unrecorded } from '../../../client/unrecorded-runs.ts';
import type { ExitCode } from '../../process/exit.ts';
import type { SearchAttributePlan } from '../setup/search-attributes.ts';
import type { SchedulesSeen } from './look-at-schedules.ts';

/** Something that could not be looked at, and why. */
export type Problem = {
  readonly code: string;
  readonly words: string;
  readonly exitCode: ExitCode;
  /** Name of the gRPC status of Temporal's answer, such as `UNAVAILABLE`. Absent for other problems. */
  readonly grpcStatus?: string;
};

/** A part of Temporal that could not be looked at. */
export type Unread = Pick<Problem, 'words' | 'grpcStatus'> & { readonly what: string };

/** One kind of tasks of a task queue. */
export type QueueSeen = {
  readonly taskQueue: string;
  readonly kind: QueueKind;
  readonly pollers: readonly Poller[];
  /** How many of them live. */
  readonly live: number;
  readonly backlog: Backlog;
  /** Of activities. Absent if the server does not tell. */
  readonly limits?: QueueLimits;
  /** Of activities with limits. Absent if the server does not tell. */
  readonly partitions?: number;
};

/** A version of workers on our task queue, one that may still have runs. */
export type VersionSeen = {
  /** `deployment:build` */
  readonly version: string;
  readonly status: VersionStatus;
  /** Workers of it that live. */
  readonly workers: number;
  /** Open runs that are pinned to it, and some of them. Absent if a worker of it lives. */
  readonly openRuns?: number;
  readonly examples?: readonly string[];
};

/** The versions of workers on our task queue, the newest of a deployment first. */
export type VersionsSeen = {
  /** Where runs begin; absent if they begin with workers that have no version. */
  readonly current?: string;
  /** Workers without a version that live. */
  readonly unversioned: number;
  readonly versions: readonly VersionSeen[];
};

/** Everything about the server. A part is absent if it could not be read. */
export type ServerSeen = {
  readonly version?: string;
  readonly retentionMs?: number;
  /** History shards of the server. Absent if it does not tell them, as others' servers may. */
  readonly historyShards?: number;
  readonly clockAheadMs?: number;
  readonly attributes?: Pick<SearchAttributePlan, 'missing' | 'clashes'>;
  /** Of our task queue, and of others that open runs are on. */
  readonly queues: readonly QueueSeen[];
  readonly runs?: Survey;
  /** What the workers did with a question. Absent: they were not asked. */
  readonly workers?: WorkersAnswer;
  /** How long it took until one answered, the search for a run to ask about included, ms. */
  readonly workersAskedMs?: number;
  /** Absent if workers have no versions. */
  readonly versions?: VersionsSeen;
  readonly fairness?: Fairness;
  /** Why it is `unclear`. */
  readonly fairnessUnclear?: string;
  /** The Schedules of the routine. */
  readonly schedules?: SchedulesSeen;
  /** With encryption keys: whether they read one of the newest open runs. Absent without keys or open runs. */
  readonly readsRuns?: boolean;
  /** Parts that could not be looked at. */
  readonly unread: readonly Unread[];
};

/** The delivery log. */
export type DatabaseSeen = {
  readonly place: string;
  readonly pending: readonly string[];
  readonly unknown: readonly string[];
  /** Absent if the log has no schema yet, or if Temporal did not answer. */
  readonly unrecorded?: Unrecorded;
  /** Why Temporal did not show the closed runs. It says nothing about the log. */
  readonly unread?: Unread;
};

/** What was seen of one thing: it is not configured, it is there, or it has a problem. */
export type Seen<T> =
  | { readonly is: 'unset'; readonly words: string }
  | { readonly is: 'there'; readonly seen: T }
  | { readonly is: 'broken'; readonly problem: Problem };

export type Facts = {
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Absent if no server answers. */
  readonly address?: string;
  readonly namespace?: string;
  readonly taskQueue: string;
  /** ISO 8601: closed runs were compared with the log from here on. */
  readonly since: string;
  readonly server: Seen<ServerSeen>;
  readonly database: Seen<DatabaseSeen>;
  readonly secrets: Seen<{ readonly references: number; readonly fingerprint?: string }>;
  readonly keys: Seen<{ readonly activeKeyId: string }>;
  /** ISO 8601 UTC; absent without a client certificate for Temporal. */
  readonly certificateEndsAt?: string;
};
