/** What a control command asks for. Types only. */

/** What to do with a webhook. */
export type ControlVerb = 'cancel' | 'retry-now' | 'redeliver';

/** What the command asks for, the same for each of its webhooks. */
export type ControlRequest = {
  readonly verb: ControlVerb;
  readonly endpointId?: string;
  readonly reason?: string;
  readonly force?: boolean;
  /** Of `cancel`: cancel nothing, and close a run that only waits until the host takes an event. */
  readonly letGo?: boolean;
};
