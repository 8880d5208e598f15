/** Builders: each makes a valid thing, and a test then changes one part. The values come from the vendor's page. */
import { randomUUID } from 'node:crypto';
import type { DeliveryEvent, FetchedArtifacts } from '../../activities/index.ts';
import { PAGE_ARTIFACTS, PAGE_CALL } from '../../cli/demo/page-sample.ts';
import type { CallEnded } from '../../contract/index.ts';
import { DEFAULT_DELIVERY_POLICY } from '../../contract/default-policy.ts';
import { readCallEnded } from '../../contract/schemas/call-ended.ts';
import type { Attempt } from '../../contract/delivery-state.ts';
import type { AttemptReport, CallWebhookInput, NotifyInput } from '../../contract/run-messages.ts';

/** A secret of the standard form, the one of the golden vector. */
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** A completed call with an id of its own and one endpoint. */
export function aCall(change: Partial<CallEnded> = {}): CallEnded {
  return {
    call_id: `call-${randomUUID()}`,
    ...structuredClone(PAGE_CALL),
    webhook_url: 'https://your-app.com/webhooks/call-complete',
    secret_ref: 'main',
    ...change,
  };
}

/** A completed call with these endpoints and no other. */
export function aCallTo(endpoints: NonNullable<CallEnded['endpoints']>, change: Partial<CallEnded> = {}): CallEnded {
  const { webhook_url: _url, secret_ref: _ref, ...call } = aCall(change);
  return { ...call, endpoints };
}

/** A failed call, which has no recording to wait for. */
export function aFailedCall(change: Partial<CallEnded> = {}): CallEnded {
  return aCall({ status: 'failed', call_status: 'no-answer', duration: 0, answered_by: null, ...change });
}

/** The artifacts of the vendor's page, all ready. */
export function readyArtifacts(): FetchedArtifacts {
  return structuredClone(PAGE_ARTIFACTS);
}

/** Input of a run: one endpoint, everything expected, the vendor's ladder. */
export function aRunInput(change: Partial<CallWebhookInput> = {}): CallWebhookInput {
  const { webhook_url: url, ...reported } = aCall();
  const { call, expects } = readCallEnded(reported);
  return {
    event: 'call.completed',
    call,
    expects,
    endpoints: [{ endpointId: 'ep_1', webhookId: 'msg_1', url: url ?? '', host: 'crm.example.com' }],
    policy: DEFAULT_DELIVERY_POLICY,
    searchAttributes: true,
    ...change,
  };
}

/** What a host is told of a delivery that has failed. */
export function aDeliveryEvent(change: Partial<DeliveryEvent> = {}): DeliveryEvent {
  return {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek-1-0192f0c1-0000-7000-8000-000000000001-failed',
    kind: 'delivery.failed',
    at: '2026-01-31T23:21:00.100Z',
    event: 'call.completed',
    callId: 'call-1',
    campaignId: 'camp_abc123',
    accountId: 'acct_1',
    workflowId: 'call-webhook/call-1',
    runId: '0192f0c1-0000-7000-8000-000000000001',
    cycle: 1,
    webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    endpointId: 'ep_abcdefghijkl',
    host: 'crm.example.com',
    state: 'failed',
    reason: 'http_503',
    attempts: 5,
    of: 5,
    startedAt: '2026-01-31T23:20:00.000Z',
    ...change,
  };
}

/** What the run gives to `notifyDelivery` for `aDeliveryEvent`, in the run of support/run-activity.ts. */
export function aNotification(change: Partial<NotifyInput> = {}): NotifyInput {
  const { event, callId, campaignId, accountId, cycle, startedAt, at } = aDeliveryEvent();
  const attempt = { ...aReport().attempt, startedAt };
  return {
    at,
    subject: { event, callId, campaignId, accountId, cycle, runStartedAt: startedAt } as NotifyInput['subject'],
    delivery: {
      endpointId: 'ep_abcdefghijkl',
      host: 'crm.example.com',
      webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      state: 'failed',
      reason: 'http_503',
      attempts: [1, 2, 3, 4, 5].map((number) => ({ ...attempt, number })),
    },
    retryDelaysMs: [60_000, 300_000, 900_000, 3_600_000],
    ...change,
  };
}

/** An activity's report of a first attempt that met a 503. `change` replaces parts of the attempt. */
export function aReport(change: object = {}): AttemptReport {
  const attempt: Attempt = {
    number: 1,
    trigger: 'schedule',
    startedAt: '2026-01-31T23:20:00.000Z',
    durationMs: 43,
    outcome: 'http',
    status: 503,
    code: 'http_503',
    nextAttemptAt: '2026-01-31T23:21:00.043Z',
  };
  const bodySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  return { endpointId: 'ep_1', attempt: { ...attempt, ...change }, nextDelayMs: 60_000, bodyBytes: 1_024, bodySha256 };
}
