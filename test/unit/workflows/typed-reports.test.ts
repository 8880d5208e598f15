/**
 * The signal `attemptFailed` is not for people, but the Web UI's dialog lists it. Whatever they type into it, the run
 * goes on, is shown, and can be read.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { statusOf } from '../../../client/run-status.ts';
import type { RunFacts } from '../../../client/run-facts.ts';
import { DEFAULT_DELIVERY_POLICY } from '../../../contract/default-policy.ts';
import { Delivery } from '../../../contract/delivery.ts';
import { readAttemptReport } from '../../../contract/signal-payloads.ts';
import { liveDetails } from '../../../workflows/live-details.ts';
import { aReport } from '../../support/builders.ts';

const ENDPOINT = { endpointId: 'ep_1', webhookId: 'msg_1', url: 'https://one.example.com/', host: 'one.example.com' };
const TOLD_AT_MS = Date.parse('2026-01-31T23:20:01.000Z');

/** A report in which some fields are replaced by anything, mostly by almost valid values. */
const typed = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...Object.keys(aReport())), oddValue(), { maxKeys: 1 }),
    fc.dictionary(attemptField(), oddValue(), { maxKeys: 2 }),
  )
  .map(([report, attempt]) => ({ ...aReport(attempt), ...report }));

function attemptField() {
  return fc.constantFrom(...Object.keys(aReport().attempt));
}

function oddValue() {
  const close = [
    0,
    1,
    5,
    11,
    -1,
    1e12,
    8.64e15,
    Number.MAX_SAFE_INTEGER,
    '2099-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
  ];
  return fc.oneof(fc.constantFrom<unknown>(...close, undefined, null, '', 'http', 'ep_1'), fc.anything());
}

test('whatever is typed into attemptFailed, the run enters it or passes over it, shows its details, and can be read', () => {
  let entered = 0;
  fc.assert(
    fc.property(fc.array(typed, { minLength: 1, maxLength: 3 }), (payloads) => {
      const reports = payloads.flatMap((payload) => readAttemptReport(payload) ?? []);
      entered += reports.length;
      const delivery = new Delivery(ENDPOINT, DEFAULT_DELIVERY_POLICY.retryDelaysMs);
      delivery.scheduled(0, 'schedule', TOLD_AT_MS);
      for (const report of reports) delivery.reported(report, TOLD_AT_MS);
      const deliveries = [delivery.status('delivering')];
      liveDetails({ workflowId: 'call-webhook/c1', event: 'call.failed', state: 'retrying', deliveries }, 5);
      const facts = reports.map((report) => ({ kind: 'attempt_failed', report, atMs: TOLD_AT_MS }) as const);
      const input = { event: 'call.failed', endpoints: [ENDPOINT], policy: DEFAULT_DELIVERY_POLICY };
      const run = { workflowId: 'call-webhook/c1', runId: 'r', status: 'RUNNING', taskQueue: 'q', pending: [] };
      expect(statusOf({ ...run, input, facts } as unknown as RunFacts)).toBeDefined();
    }),
    { numRuns: 2_000 },
  );
  expect(entered).toBeGreaterThan(100);
});
