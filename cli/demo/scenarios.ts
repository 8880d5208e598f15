/** The four calls of the demo, and what the module promises for each. Pure data. */
import type { DeliveryState, WebhookStatus } from '../../contract/delivery-state.ts';
import { DEFAULT_RETRY_DELAYS_MS } from '../../contract/retry-schedule.ts';
import { MIN_RETRY_DELAY_MS } from '../../contract/run-limits.ts';
import type { CallEnded } from '../../contract/schemas/call-ended.ts';
import { PAGE_CALL } from './page-sample.ts';

/** One call of the demo. */
export type Scenario = {
  /** The word at the start of its lines. */
  readonly name: 'completed' | 'failed' | 'busy' | 'cancelled';
  /** What happens, in a sentence. */
  readonly story: string;
  readonly call: CallEnded;
  readonly promises: DeliveryState;
  /** Attempts promised. Undefined: it depends on when the cancel comes. */
  readonly attempts: number | undefined;
};

/** The scenarios. `run` makes the call ids unique; `secretRef` is the reference of the receiver's signing secret. */
export function demoScenarios(run: string, receiverUrl: string, secretRef: string): readonly Scenario[] {
  const callFor = (name: Scenario['name'], change: Partial<CallEnded>): CallEnded => ({
    ...PAGE_CALL,
    call_id: `demo-${run}-${name}`,
    webhook_url: receiverUrl,
    secret_ref: secretRef,
    ...change,
  });
  return [
    {
      name: 'completed',
      story: 'a call ends; its summary is late',
      call: callFor('completed', {}),
      promises: 'delivered',
      attempts: 1,
    },
    {
      name: 'failed',
      story: 'a call fails: nothing to wait for, sent at once',
      call: callFor('failed', FAILED),
      promises: 'delivered',
      attempts: 1,
    },
    {
      name: 'busy',
      story: 'a call ends; the receiver answers 503 twice',
      call: callFor('busy', { webhook_url: `${receiverUrl}?outage=2` }),
      promises: 'delivered',
      attempts: 3,
    },
    {
      name: 'cancelled',
      story: 'a call fails, the receiver stays down, an operator cancels by signal',
      call: callFor('cancelled', { ...FAILED, webhook_url: `${receiverUrl}?outage=Infinity` }),
      promises: 'cancelled',
      attempts: undefined,
    },
  ];
}

/** Whether a run stands where its scenario promises. */
export function keepsPromise({ promises, attempts }: Scenario, status: WebhookStatus | undefined): boolean {
  const made = status?.deliveries[0]?.attempts.length ?? 0;
  return status?.state === promises && (attempts === undefined ? made >= 1 : made === attempts);
}

/** The vendor's ladder, `speed` times as fast. No wait is below 1 s, the shortest that Temporal keeps apart. */
export function fasterLadder(speed: number): readonly number[] {
  return DEFAULT_RETRY_DELAYS_MS.map((ms) => Math.max(MIN_RETRY_DELAY_MS, Math.round(ms / speed)));
}

const FAILED = {
  status: 'failed',
  call_status: 'no-answer',
  duration: 0,
  answered_by: null,
  error_message: 'nobody answered',
} as const;
