/**
 * The lines of the soak's logs, as their writers note them and the checker reads them. Times are ms of one machine's
 * clock.
 */
import type { ReceiverLine } from '../../support/receiver-lines.ts';

/** What the engine asked and heard. `unknown`: no answer, so it may have happened. */
export type OpLine = {
  readonly at: number;
  readonly doneAt: number;
  readonly op: string;
  readonly workflowId: string;
  readonly endpointId?: string;
  readonly outcome: 'ok' | 'error' | 'unknown';
  readonly accepted?: boolean;
  /** Of a redelivery that was started. */
  readonly cycle?: number;
  readonly error?: string;
};

/** What the nemesis did, and what broke by itself. */
export type FaultLine =
  | {
      readonly type: 'fault';
      readonly fault: string;
      readonly victim: string;
      readonly from: number;
      readonly to: number;
      readonly exitCode?: number | null;
      readonly tookMs?: number;
      /** Of a worker that was ended: whether it had begun to poll. */
      readonly wasReady?: boolean;
    }
  | { readonly type: 'died'; readonly at: number; readonly worker: string; readonly exitCode: number | null }
  | { readonly type: 'healed'; readonly at: number };

type Delivery = {
  readonly webhookId: string;
  readonly state: string;
  readonly attempts: readonly AttemptLine[];
};

export type AttemptLine = { readonly number: number; readonly outcome: string; readonly status?: number };

/** A run as its history tells it. `deliveries` holds those that had ended in earlier runs, too; empty while it is
 *  open. */
export type RunLine = {
  readonly type: 'run';
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
  readonly cycle: number;
  /** The search attribute WebhookState, as the list has it. */
  readonly shownState?: string;
  /** The worst of its deliveries' states; absent while it is open. */
  readonly state?: string;
  readonly endpoints: readonly { readonly endpointId: string; readonly webhookId: string }[];
  readonly deliveries: readonly Delivery[];
  /** Made by an operator's reset of the run with this id, or of a run that came from it. It is the same cycle. */
  readonly resetFrom?: string;
  readonly startedAt: number;
  readonly closedAt?: number;
  /** When the workflow had seen each cancel; of one endpoint where that is named. */
  readonly cancels: readonly {
    readonly heardAt: number;
    readonly endpointId?: string;
    readonly by: 'signal' | 'server';
  }[];
};

/** A row of the delivery log. */
export type RowLine = {
  readonly type: 'row';
  readonly webhookId: string;
  readonly cycle: number;
  readonly workflowId: string;
  /** The run that wrote it. */
  readonly runId: string;
  readonly state: string;
  readonly attempts: readonly AttemptLine[];
  readonly bodySha256: string | null;
  readonly endedAt: number;
};

/** What is there at the end. */
export type FinalLine =
  | RunLine
  | RowLine
  /** `result()` of the latest run of an id. */
  | {
      readonly type: 'result';
      readonly workflowId: string;
      readonly runId: string;
      readonly deliveries: readonly Delivery[];
    }
  /** A state that a row had at some time. */
  | {
      readonly type: 'state';
      readonly webhookId: string;
      readonly cycle: number;
      readonly runId: string;
      readonly state: string;
    };

/** Everything the checker reads. */
export type SoakLogs = {
  readonly ops: readonly OpLine[];
  readonly receiver: readonly ReceiverLine[];
  readonly faults: readonly FaultLine[];
  readonly final: readonly FinalLine[];
};
