/** Histories of every phase, recorded on a real server, replay on today's code: a deploy breaks no open run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promiseHooks } from 'node:v8';
import { beforeAll, expect, test } from '@jest/globals';
import type { PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import type { DeliverInput } from '../../contract/run-messages.ts';
import { plainBundle, type BundleOnDisk } from '../support/workflow-bundles.ts';

const folder = join(__dirname, 'histories');
const names = readdirSync(folder).map((file) => file.replace('.json', ''));
let workflowBundle: BundleOnDisk;

beforeAll(async () => {
  workflowBundle = await plainBundle();
});

test('there is a history of every phase', () => {
  expect(names.toSorted()).toEqual([
    'attempt-in-flight',
    'campaign-completed',
    'cancelled-by-the-server',
    'cancelled-in-flight-yet-delivered',
    'cancelled-in-the-ladder',
    'cancelled-while-fetching',
    'cancelled-while-settling',
    'cancelled-while-start-delayed',
    'cancelled-while-waiting-for-us',
    'delivered-after-a-start-delay',
    'delivered-after-waiting-for-us',
    'delivered-at-once',
    'delivered-at-third-attempt',
    'failed-after-the-ladder',
    'failed-call-delivered',
    'fetching',
    'gone',
    'hurried-in-the-ladder',
    'hurried-too-late',
    'hurried-while-waiting-for-us',
    'redelivered',
    'refused',
    'settling',
    'three-endpoints-mixed',
    'told-of-a-failing-and-a-failed-delivery',
    'waiting-for-activities',
    'waiting-for-us',
    'waiting-in-the-ladder',
  ]);
});

// Replay compares the order of commands, and not what they carry. A body that is rendered otherwise would go out unseen,
// with the id of before.
test.each(names)('a run that is %s goes on with this code, and sends the bytes of before', async (name) => {
  const rendered: string[] = [];
  const noting: PayloadCodec = {
    encode: async (payloads) => {
      for (const { data } of payloads) rendered.push(...sentBy(Buffer.from(data ?? []).toString()));
      return payloads;
    },
    decode: async (payloads) => payloads,
  };
  await Worker.runReplayHistory({ workflowBundle, dataConverter: { payloadCodecs: [noting] } }, JSON.parse(read(name)));
  expect(new Set(rendered)).toEqual(new Set(sentIn(name)));
});

test('the bytes of most phases are known', () => {
  const phases = names.filter((name) => sentIn(name).length > 0);
  expect(phases.length).toBeGreaterThan(20);
  expect(sentIn('campaign-completed')[0]).toContain(' campaign.completed {"event":"campaign.completed",');
});

test('a run of the routine goes on with this code', async () => {
  // Beside the others' folder, which other tests read as webhooks. Recorded with `historyToJSON`.
  const history = readFileSync(join(__dirname, 'routine.json'), 'utf8');
  await Worker.runReplayHistory({ workflowBundle }, JSON.parse(history));
});

// The SDK walks the stack for each promise of a workflow. They were 51.
test('a call that is delivered at once makes 34 promises', async () => {
  const made: Promise<unknown>[] = [];
  const stop = promiseHooks.onInit((promise) => void made.push(promise)) as () => void;
  await Worker.runReplayHistory({ workflowBundle }, JSON.parse(read('delivered-at-once'))).finally(stop);
  // The SDK marks those that a run has made.
  expect(made.filter((promise) => 'runId' in promise)).toHaveLength(34);
});

test('a history of other code fails to replay: an activity by another name is a determinism violation', async () => {
  const altered = read('delivered-at-once').replaceAll('"deliverWebhook"', '"postWebhook"');
  await expect(Worker.runReplayHistory({ workflowBundle }, JSON.parse(altered))).rejects.toBeInstanceOf(
    DeterminismViolationError,
  );
});

test('no history names the machine it was recorded on', () => {
  for (const name of names) expect(read(name)).not.toMatch(/"identity": "\d+@|\/(work|home|root)\//);
});

type RecordedEvent = {
  readonly activityTaskScheduledEventAttributes?: {
    readonly activityType: { readonly name: string };
    readonly input?: { readonly payloads: readonly { readonly data: string }[] };
  };
};

/** What the receivers of a history got, as far as a run decides it. */
function sentIn(name: string): readonly string[] {
  const { events } = JSON.parse(read(name)) as { readonly events: readonly RecordedEvent[] };
  return events
    .flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType.name === 'deliverWebhook' ? (scheduled.input?.payloads ?? []) : [],
    )
    .flatMap(({ data }) => sentBy(Buffer.from(data, 'base64').toString()));
}

/** The same of one payload; nothing of another one than the input of an attempt. */
function sentBy(payload: string): readonly string[] {
  const { body, endpoint, subject, retryDelaysMs } = JSON.parse(payload) as Partial<DeliverInput>;
  if (body === undefined || endpoint === undefined || retryDelaysMs === undefined) return [];
  return [`${endpoint.url} ${endpoint.webhookId} ${subject?.event} ${body}`];
}

function read(name: string): string {
  return readFileSync(join(folder, `${name}.json`), 'utf8');
}
