/** What the activities count, read from the text that the SDK's real exporter shows to Prometheus. */
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { MetricMeter } from '@temporalio/common';
import { activityLog } from '../../activities/activity-log.ts';
import { METRIC_BUCKETS, METRICS, MAX_LABELLED_ENDPOINTS } from '../../activities/metrics/metric-table.ts';
import { WebhookMetrics } from '../../activities/metrics/webhook-metrics.ts';
import type { Attempt } from '../../contract/delivery-state.ts';
import type { DeliveryRecord } from '../../contract/index.ts';
import type { DeliverInput } from '../../contract/run-messages.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { readyArtifacts } from '../support/builders.ts';
import { ourSamples, startMeteredRuntime, valuesOf, type MeteredRuntime } from '../support/prometheus-text.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { aDelivery, runActivity, type ActivityWorld } from '../support/run-activity.ts';

let runtime: MeteredRuntime;
let receiver: Receiver;
/** What was counted before the test. */
let before: Readonly<Record<string, number>> = {};

beforeAll(async () => {
  runtime = await startMeteredRuntime(METRIC_BUCKETS);
  receiver = await startReceiver();
});
afterEach(async () => {
  before = valuesOf(await runtime.text());
});
afterAll(async () => {
  await receiver.close();
  await runtime.close();
});

/** What the test itself has counted, without the histograms' buckets and sums. */
async function counted(): Promise<Readonly<Record<string, number>>> {
  const now = Object.entries(valuesOf(await runtime.text()));
  const grown = now.map(([series, value]) => [series, value - (before[series] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([series, value]) => value !== 0 && !/_(bucket|sum)\{/.test(series)));
}

function deliver(answer: number, change: Partial<DeliverInput> = {}, world: ActivityWorld = {}) {
  receiver.answer(answer);
  return runActivity((own) => own.deliverWebhook(aDelivery(receiver.url, change)), { meter: runtime.meter, ...world });
}

function aRecord(change: Partial<DeliveryRecord> = {}): DeliveryRecord {
  const { subject, endpoint } = aDelivery('https://crm.example.com/hook');
  const { runStartedAt: startedAt, ...ids } = subject;
  const { endpointId, webhookId, host } = endpoint;
  const run = { workflowId: 'call-webhook/call-1', runId: 'r1', startedAt, endedAt: startedAt };
  return { ...ids, endpointId, webhookId, host, ...run, state: 'failed', attempts: [], ...change };
}

const record = (change: Partial<DeliveryRecord>, world: ActivityWorld = {}) =>
  runActivity((own) => own.recordDelivery(aRecord(change)), { meter: runtime.meter, ...world });

describe('an attempt', () => {
  it('that delivers counts with its class, its time, its lateness, and as the end of its delivery', async () => {
    await deliver(200);
    expect(await counted()).toEqual({
      'topcalls_webhook_attempts{class=2xx,event=call.completed,outcome=delivered,trigger=schedule}': 1,
      'topcalls_webhook_endpoint_attempts{endpoint=other,result=delivered}': 1,
      'topcalls_webhook_ended{event=call.completed,state=delivered}': 1,
      'topcalls_webhook_attempt_latency_count{}': 1,
      'topcalls_webhook_lateness_count{}': 1,
    });
  });

  it.each([
    [503, '5xx'],
    [404, '4xx'],
    [410, '4xx'],
    [302, '3xx'],
  ])('that fails with %s counts as %s, although the SDK calls the failure benign', async (status, expected) => {
    const { failure } = await deliver(status, { attemptsMade: 1, trigger: 'retry_now' });
    expect(failure?.category).toBe('BENIGN');
    expect(await counted()).toEqual({
      [`topcalls_webhook_attempts{class=${expected},event=call.completed,outcome=http,trigger=retry_now}`]: 1,
      'topcalls_webhook_endpoint_attempts{endpoint=other,result=failed}': 1,
      'topcalls_webhook_attempt_latency_count{}': 1,
    });
  });

  it('that no server takes counts as network', async () => {
    const endpoint = { ...aDelivery('').endpoint, url: `http://127.0.0.1:${await freePort()}/` };
    await deliver(200, { endpoint, attemptsMade: 1 });
    expect(await counted()).toMatchObject({
      'topcalls_webhook_attempts{class=network,event=call.completed,outcome=network,trigger=schedule}': 1,
    });
  });

  it.each([
    ['not_sent', () => Promise.reject(new Error('down'))],
    ['refused', () => undefined],
  ])('that is %s counts so, and neither time nor lateness', async (outcome, forEndpoint) => {
    await deliver(200, {}, { ports: { secrets: { forEndpoint } } });
    expect(await counted()).toEqual({
      [`topcalls_webhook_attempts{class=${outcome},event=call.completed,outcome=${outcome},trigger=schedule}`]: 1,
    });
  });

  it('is late by what has passed since it was promised', async () => {
    const sum = 'topcalls_webhook_lateness_sum{}';
    const promisedAt = new Date(Date.now() - 100_000).toISOString();
    await deliver(200, { subject: { ...aDelivery('').subject, promisedAt } });
    const grown = (valuesOf(await runtime.text())[sum] ?? 0) - (before[sum] ?? 0);
    expect(grown).toBeGreaterThanOrEqual(100_000);
  });

  it('of a run that was reset is not late: it was promised for the time before the reset', async () => {
    const now = Date.now();
    const promisedAt = new Date(now - 100_000).toISOString();
    const info = { attempt: 1, scheduledTimestampMs: now - 90_000, currentAttemptScheduledTimestampMs: now };
    await deliver(200, { subject: { ...aDelivery('').subject, promisedAt } }, { info });
    const found = await counted();
    expect(found['topcalls_webhook_attempt_latency_count{}']).toBe(1);
    expect(found).not.toHaveProperty('topcalls_webhook_lateness_count{}');
  });

  it('is in flight until it ends, however it ends', async () => {
    const gauge = 'topcalls_webhook_in_flight{}';
    const seen: (number | undefined)[] = [];
    receiver.answer((response) => {
      const look = async (): Promise<void> => {
        seen.push(valuesOf(await runtime.text())[gauge]);
        response.writeHead(500).end();
      };
      void look();
    });
    const world = { meter: runtime.meter };
    const one = () => runActivity((own) => own.deliverWebhook(aDelivery(receiver.url)), world);
    await Promise.all([one(), one()]);
    expect(seen).toEqual([2, expect.any(Number)]);
    expect(valuesOf(await runtime.text())[gauge]).toBe(0);
  });
});

describe('the end of a delivery', () => {
  it('counts when the log takes the record, once for each delivery, with the attempts that never reported', async () => {
    const lost: Attempt = {
      number: 1,
      trigger: 'schedule',
      startedAt: '2025-12-22T10:32:51.000Z',
      durationMs: 0,
      outcome: 'unknown',
    };
    const last: Attempt = { ...lost, number: 2, outcome: 'http', status: 503 };
    await record({ runId: 'r2', attempts: [lost, last] });
    expect(await counted()).toEqual({
      'topcalls_webhook_ended{event=call.completed,state=failed}': 1,
      'topcalls_webhook_attempts{class=unknown,event=call.completed,outcome=unknown,trigger=schedule}': 1,
    });
  });

  it('does not count while the log is down; each try that it does not take does', async () => {
    const log = { record: () => Promise.reject(new Error('down')) };
    await record({}, { ports: { log } });
    await record({}, { ports: { log } });
    await deliver(200, {}, { ports: { log } });
    const found = await counted();
    expect(found).toMatchObject({ 'topcalls_webhook_not_recorded{}': 3 });
    expect(Object.keys(found).filter((series) => series.includes('_ended'))).toEqual([]);
  });

  it('counts when the log refuses the record, since nobody asks again', async () => {
    const log = { record: () => Promise.reject(Object.assign(new Error('never'), { refused: true })) };
    await record({ state: 'gone' }, { ports: { log } });
    expect(await counted()).toEqual({
      'topcalls_webhook_ended{event=call.completed,state=gone}': 1,
      'topcalls_webhook_not_recorded{}': 1,
    });
  });

  it('counts once, although the activity is run again after the log had taken the record', async () => {
    const env = new MockActivityEnvironment({}, { metricMeter: runtime.meter });
    await env.run(async () => {
      const metrics = new WebhookMetrics(activityLog());
      for (let time = 0; time < 3; time += 1) metrics.ended(aRecord({ state: 'cancelled' }));
      metrics.ended(aRecord({ state: 'cancelled', cycle: 2 }));
    });
    expect(await counted()).toEqual({ 'topcalls_webhook_ended{event=call.completed,state=cancelled}': 2 });
  });
});

test('repairs count by the field of the report; keys of the host count as other, and their names are not told', async () => {
  const repairs = ['phone_number', 'metadata.plan[2].x', 'webhookUrl', 'endpoints[3].url', 'call-4155550199'];
  await deliver(500, { repairs: repairs.map((field) => ({ field, problem: 'odd' })) });
  expect(await counted()).toMatchObject({
    'topcalls_webhook_repaired{field=phone_number}': 1,
    'topcalls_webhook_repaired{field=metadata}': 1,
    'topcalls_webhook_repaired{field=other}': 3,
  });
});

test('artifacts count by what became of them, once they are decided', async () => {
  const fetch = async () => ({ ...readyArtifacts(), summary: { status: 'pending' as const } });
  const world = { ports: { artifacts: { fetch } }, meter: runtime.meter };
  const expects = { recording: true, transcript: false, summary: true };
  const poll = (deadlineMs: number) =>
    runActivity((own) => own.fetchArtifacts({ callId: 'call-1', expects, deadlineMs }), world);
  await poll(60_000);
  expect(await counted()).toEqual({});
  await poll(0);
  expect(await counted()).toEqual({
    'topcalls_webhook_artifacts{artifact=recording,status=ready}': 1,
    'topcalls_webhook_artifacts{artifact=transcript,status=not_expected}': 1,
    'topcalls_webhook_artifacts{artifact=summary,status=timed_out}': 1,
    'topcalls_webhook_artifact_wait_count{}': 1,
  });
});

describe('a meter that fails', () => {
  const broken = (at: string): MetricMeter => {
    const fail = () => {
      throw new Error('no meter');
    };
    const instrument = { add: fail, record: fail, set: fail };
    const make = at === 'use' ? () => instrument : fail;
    return { createCounter: make, createHistogram: make, createGauge: make } as unknown as MetricMeter;
  };

  it.each(['creation', 'use'])('at its %s changes no delivery, and is told once', async (at) => {
    const world = { meter: broken(at), ports: { log: { record: async () => undefined } } };
    receiver.answer(200);
    const posts = receiver.requests.length;
    const { value, lines } = await runActivity((own) => own.deliverWebhook(aDelivery(receiver.url)), world);
    expect(value).toMatchObject({ recorded: true, attempt: { outcome: 'delivered' } });
    expect(receiver.requests.length - posts).toBe(1);
    expect(lines.filter(({ message }) => message === 'webhook.not_measured')).toHaveLength(1);
    const recorded = await record({}, world);
    expect(recorded.failure).toBeUndefined();
    const fetched = await runActivity(
      (own) =>
        own.fetchArtifacts({
          callId: 'call-1',
          expects: { recording: true, transcript: true, summary: true },
          deadlineMs: 0,
        }),
      world,
    );
    expect(fetched.value?.summary.status).toBe('ready');
  });
});

test('a thousand endpoints with everything that can happen to them make at most 200 series', async () => {
  const events = [...METRICS.attempts.labels.event, 'typed by hand'];
  const ends = [
    ['delivered', 204],
    ['http', 301],
    ['http', 404],
    ['http', 503],
    ['http', 700],
    ['network'],
    ['timeout'],
    ['refused'],
    ['not_sent'],
    ['unknown'],
  ] as const;
  const triggers = ['schedule', 'retry_now', 'redelivery'] as const;
  const env = new MockActivityEnvironment({}, { metricMeter: runtime.meter });
  await env.run(async () => {
    const metrics = new WebhookMetrics(activityLog(), MAX_LABELLED_ENDPOINTS);
    for (let index = 0; index < 2_000; index += 1) {
      const [outcome, status] = ends[index % ends.length] ?? ['http', 503];
      const event = events[Math.floor(index / 10) % events.length] as DeliverInput['subject']['event'];
      const trigger = triggers[Math.floor(index / 100) % triggers.length] ?? 'schedule';
      const input = aDelivery('', { subject: { ...aDelivery('').subject, event } });
      const endpoint = { ...input.endpoint, endpointId: `ep_${index % 1_000}` };
      const startedAt = new Date().toISOString();
      const attempt: Attempt = { number: 1, trigger, startedAt, durationMs: index, outcome };
      metrics.attempted({ ...input, endpoint }, status === undefined ? attempt : { ...attempt, status });
      for (const state of METRICS.ended.labels.state)
        metrics.ended(aRecord({ event, state, runId: `${index}${state}` }));
    }
    for (const field of METRICS.repaired.labels.field) metrics.repaired([{ field, problem: '' }]);
    metrics.notRecorded();
    for (const status of METRICS.artifacts.labels.status) {
      const artifact = { status, value: '', reason: '' } as never;
      metrics.artifacts({ recording: artifact, transcript: artifact, summary: artifact }, 1);
    }
  });
  const samples = ourSamples(await runtime.text());
  const endpoints = new Set(samples.map(({ labels }) => labels['endpoint']));
  expect(endpoints.size).toBeGreaterThan(10);
  expect(samples.length).toBeLessThanOrEqual(200);
  // Nothing is lost when labels are given up.
  const attempts = samples.filter(({ name }) => name === METRICS.attempts.name);
  expect(attempts.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThanOrEqual(2_000);
  // The table is the truth about names and values.
  const names = new Set(samples.map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')));
  expect([...names].toSorted()).toEqual(
    Object.values(METRICS)
      .map(({ name }) => name)
      .toSorted(),
  );
});

test('an endpoint with a label keeps it when it fails, however many kinds of attempts were counted before', async () => {
  const env = new MockActivityEnvironment({}, { metricMeter: runtime.meter });
  await env.run(async () => {
    const metrics = new WebhookMetrics(activityLog(), MAX_LABELLED_ENDPOINTS);
    const attempt = (index: number, change: Partial<Attempt>): void => {
      const startedAt = new Date().toISOString();
      const made: Attempt = {
        number: 2,
        trigger: 'schedule',
        startedAt,
        durationMs: 1,
        outcome: 'delivered',
        status: 200,
      };
      const event = METRICS.attempts.labels.event[index % 8] as DeliverInput['subject']['event'];
      const input = aDelivery('', { subject: { ...aDelivery('').subject, event } });
      metrics.attempted(
        { ...input, endpoint: { ...input.endpoint, endpointId: `ep_${index % 10}` } },
        { ...made, ...change },
      );
    };
    for (let index = 0; index < 400; index += 1)
      for (const trigger of ['schedule', 'retry_now', 'redelivery'] as const) attempt(index, { trigger });
    for (let index = 0; index < 3; index += 1) attempt(7, { outcome: 'timeout' });
    attempt(7, { outcome: 'refused' });
    attempt(7, { outcome: 'unknown' });
  });
  expect(await counted()).toMatchObject({
    'topcalls_webhook_endpoint_attempts{endpoint=ep_7,result=failed}': 3,
    'topcalls_webhook_endpoint_attempts{endpoint=ep_7,result=delivered}': 120,
  });
  expect(valuesOf(await runtime.text())).toHaveProperty(
    ['topcalls_webhook_endpoint_attempts{endpoint=ep_1,result=failed}'],
    expect.any(Number),
  );
});
