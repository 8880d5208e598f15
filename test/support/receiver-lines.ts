/**
 * The lines of the customers' servers' log, as their process writes them and the system tests read them. Times are
 * ms.
 */

/** A POST that has arrived; `n` counts them. */
export type ArrivedLine = {
  readonly type: 'arrived';
  readonly at: number;
  readonly n: number;
  /** Path of the URL, e.g. `flaky/call-7/0`. */
  readonly hook: string;
  readonly id: string;
  readonly attempt: number;
  readonly bodySha256: string;
  /** `ok`, or why `verifyWebhook` refused it. */
  readonly verdict: string;
  /** What webhook-timestamp says. */
  readonly sentAt: number;
  /** Of a POST that verifies. */
  readonly event?: string;
  readonly callId?: string;
  readonly artifacts?: object;
};

/** What receivers saw. */
export type ReceiverLine =
  | ArrivedLine
  | { readonly type: 'answering'; readonly at: number; readonly n: number; readonly status: number }
  | { readonly type: 'ended'; readonly at: number; readonly n: number; readonly fate: string }
  /** A connection came where none is allowed. */
  | { readonly type: 'touched'; readonly at: number; readonly what: string };
