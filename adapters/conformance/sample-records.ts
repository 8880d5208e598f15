/** Valid delivery records. Each has new ids, so that a suite may run on a log that is in use. */
import { randomUUID } from 'node:crypto';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';

type Attempt = DeliveryRecord['attempts'][number];

/** The record of a failed delivery, with every field filled. */
export function sampleRecord(change: Partial<DeliveryRecord> = {}): DeliveryRecord {
  const id = randomUUID();
  return {
    webhookId: `msg_${id}`,
    cycle: 1,
    endpointId: `ep_${id}`,
    host: 'crm.example.com',
    workflowId: `call-webhook/call-${id}`,
    runId: randomUUID(),
    event: 'call.completed',
    callId: `call-${id}`,
    campaignId: `camp-${id}`,
    accountId: `acct-${id}`,
    state: 'failed',
    reason: 'http_503',
    cancelReason: 'ticket 4711',
    cancelledBy: 'operator@host',
    terminateReason: 'stuck',
    terminatedBy: 'admin@host',
    attempts: sampleAttempts(2),
    bodyBytes: 1_234,
    bodySha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    startedAt: '2025-12-22T10:32:35.000Z',
    endedAt: '2025-12-22T10:34:00.120Z',
    promisedAt: '2025-12-22T10:32:50.000Z',
    repaired: ['host'],
    ...change,
  };
}

/** The record of a delivery that was refused before any attempt. Optional fields are absent. */
export function sampleRefusal(): DeliveryRecord {
  const {
    callId: _1,
    campaignId: _2,
    accountId: _3,
    reason: _4,
    bodyBytes: _5,
    bodySha256: _6,
    cancelReason: _7,
    cancelledBy: _8,
    terminateReason: _9,
    terminatedBy: _10,
    promisedAt: _11,
    repaired: _12,
    ...rest
  } = sampleRecord();
  return { ...rest, state: 'refused', attempts: [] };
}

/** `count` attempts, each answered 503. */
export function sampleAttempts(count: number): readonly Attempt[] {
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    trigger: index === 0 ? 'schedule' : 'retry_now',
    startedAt: `2025-12-22T10:3${2 + index}:50.000Z`,
    durationMs: 120,
    outcome: 'http',
    status: 503,
    code: 'http_503',
    nextAttemptAt: `2025-12-22T10:3${3 + index}:50.000Z`,
  }));
}
