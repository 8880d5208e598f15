/**
 * A host that traces its requests. Its tracing never reaches a customer, and a webhook's URL never reaches its spans.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context, propagation, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { request } from 'undici';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { startReceiver, type Receiver } from '../../support/receiver.ts';

const sender = createWebhookSender({ policy: parseEgressOptions(LOOPBACK_EGRESS) });
const headers = { 'content-type': 'application/json', 'webhook-id': 'msg_1' };

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver(200);
});
afterAll(() => receiver.close());

/** Posts one webhook; resolves with the header names that arrived. */
async function namesReceived(): Promise<string[]> {
  const nth = receiver.requests.length + 1;
  const url = `${receiver.url}?token=hush`;
  expect(await sender.post({ url, headers, body: '{}' })).toMatchObject({ outcome: 'delivered' });
  return Object.keys((await receiver.received(nth)).headers).sort();
}

const OURS = ['connection', 'content-length', 'content-type', 'host', 'webhook-id'];

/** Headers by which tracing names itself. */
const TRACING = ['baggage', 'sentry-trace', 'traceparent'];

/** What Sentry and OpenTelemetry do at a new request, without either of them. */
const seen: string[] = [];
function trackRequest(message: unknown): void {
  const { request } = message as { request: { path: string; addHeader(name: string, value: string): void } };
  seen.push(request.path);
  for (const name of TRACING) request.addHeader(name, 'x');
}

beforeEach(() => {
  seen.length = 0;
  subscribe('undici:request:create', trackRequest);
});
afterEach(() => void unsubscribe('undici:request:create', trackRequest));

test('a subscriber of undici’s diagnostics sees no webhook and adds no header to it', async () => {
  expect(await namesReceived()).toEqual(OURS);
  expect(seen).toEqual([]);
});

test('requests of the host are seen as before, also while webhooks are sent', async () => {
  const both = Promise.all([namesReceived(), request(`${receiver.url}?own=1`)]);
  expect(seen).toEqual(['/webhooks/call-complete?own=1']);
  await (await both)[1].body.dump();
  const own = receiver.requests.find(({ path }) => path.endsWith('?own=1'));
  expect(Object.keys(own?.headers ?? {})).toEqual(expect.arrayContaining(TRACING));
  const webhook = receiver.requests.findLast(({ path }) => path.endsWith('?token=hush'));
  expect(Object.keys(webhook?.headers ?? {}).sort()).toEqual(OURS);
});

test('a webhook that cannot be sent leaves the diagnostics as they were', async () => {
  const closed = await startReceiver(200);
  await closed.close();
  expect(await sender.post({ url: closed.url, headers, body: '{}' })).toMatchObject({ code: 'connect_refused' });
  expect(seen).toEqual([]);
  await (await request(`${receiver.url}?own=2`)).body.dump();
  expect(seen).toEqual(['/webhooks/call-complete?own=2']);
});

test('OpenTelemetry, inside a span of the host: no header, and no span that holds the URL', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  const undici = new UndiciInstrumentation();
  undici.setTracerProvider(provider);
  undici.enable();
  try {
    const names = await trace.getTracer('host').startActiveSpan('attempt', async (span) => {
      const arrived = await namesReceived();
      await (await request(`${receiver.url}?own=3`)).body.dump();
      span.end();
      return arrived;
    });
    expect(names).toEqual(OURS);
    const spans = exporter.getFinishedSpans().map(({ name, attributes }) => ({ name, ...attributes }));
    expect(JSON.stringify(spans)).not.toContain('hush');
    // The host's own request shows that this test would see a span.
    expect(JSON.stringify(spans)).toContain('own=3');
    const own = receiver.requests.findLast(({ path }) => path.endsWith('?own=3'));
    expect(own?.headers['traceparent']).toMatch(/\b00-/);
  } finally {
    undici.disable();
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  }
});
