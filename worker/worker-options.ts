/** Options of `createWebhookWorker`. Types, and the names of options that are checked. */
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { ActivityPorts } from '../activities/index.ts';

/** Options of `createWebhookWorker`: the ports, and where to poll. */
export type WebhookWorkerOptions = ActivityPorts & {
  /** The connection to Temporal. The caller closes it after `run()` has resolved. */
  readonly connection: NativeConnection;
  /** The Temporal namespace. Default `default`. */
  readonly namespace?: string;
  /** The task queue to poll. Default `topcalls-webhooks`. The client must use the same. */
  readonly taskQueue?: string;
  /** Refuse to start if the newest open runs of the task queue are encrypted and this worker's data converter can read
   *  none of them. Default true. Set false after keys were lost, when no worker can read the open runs any more. */
  readonly checkOpenRuns?: boolean;
  /** Further options of the SDK's `Worker.create`, such as `dataConverter` or slots. They override
   *  `WORKER_DEFAULTS`. With a `tuner`, our defaults for slots are left out: the SDK takes one or the other. A host
   *  that is bundled into one file gives `workflowBundle`, see docs/embed.md. */
  readonly temporal?: Partial<Omit<WorkerOptions, (typeof OWN_OPTIONS)[number]>>;
};

/** Options of the SDK that belong beside `temporal`, not in it, because the check of open runs needs them. */
export const OWN_OPTIONS = ['connection', 'namespace', 'taskQueue'] as const;
