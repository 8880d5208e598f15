/** Bulk commands: one bad webhook is one line, the rest go on, counts at the end, and the exit code tells. */
import { expect, test } from '@jest/globals';
import { actOnAll, type Work } from '../../../../cli/commands/control/act-on-all.ts';
import type { ControlVerb } from '../../../../cli/commands/control/request.ts';
import type { WebhookHandle } from '../../../../client/webhook-handle.ts';
import { AlreadyDeliveredError, TemporalUnavailableError, UnreadableRunError } from '../../../../client/errors.ts';
import type {
  Attempt,
  DeliveryStatus,
  LiveState,
  Stalled,
  WebhookStatus,
} from '../../../../contract/delivery-state.ts';
import type { FindableState } from '../../../../contract/schemas/find-filter.ts';
import { recordingTerminal } from '../../../support/in-process-cli.ts';

const lost = () =>
  new TemporalUnavailableError({ what: 'reading', kind: 'read', namespace: 'default', timeoutMs: 10_000 } as never);

type Facts = {
  readonly state?: LiveState;
  readonly deliveries?: readonly DeliveryStatus[];
  readonly stalled?: Stalled;
  readonly error?: unknown;
};

function aDelivery(endpointId: string, state: LiveState, reason?: string): DeliveryStatus {
  const attempts = [{ number: 1, code: reason ?? 'http_200' }] as unknown as Attempt[];
  return { endpointId, host: `${endpointId}.example.com`, webhookId: 'msg_1', state, attempts };
}

/** A handle that notes which redeliveries were asked for. */
function aHandle(
  id: string,
  { state = 'failed', deliveries = [], stalled, error }: Facts,
  asked: string[] = [],
): WebhookHandle {
  const orThrow = async <T>(answer: T): Promise<T> => {
    if (error !== undefined) throw error;
    return answer;
  };
  return {
    workflowId: `call-webhook/${id}`,
    status: () => orThrow({ state, deliveries, stalled } as unknown as WebhookStatus),
    cancel: async ({ endpointId = 'all' } = {}) => {
      asked.push(`${id} ${endpointId}`);
      return { accepted: true };
    },
    retryNow: async ({ endpointId = 'all' } = {}) => {
      asked.push(`${id} ${endpointId}`);
      return { accepted: true, endpointIds: [endpointId] };
    },
    redeliver: async ({ endpointId = 'all' }) => {
      await orThrow(undefined);
      asked.push(`${id} ${endpointId}`);
      return { cycle: 2, endpointIds: [endpointId] };
    },
  } as unknown as WebhookHandle;
}

async function run(handles: readonly WebhookHandle[], change: Partial<Work> = {}) {
  const { terminal, out, err } = recordingTerminal();
  const code = await actOnAll(handles, {
    terminal,
    signal: new AbortController().signal,
    request: { verb: 'redeliver' },
    narrowing: { states: ['failed'] },
    isNamed: false,
    options: { rate: 1_000, dryRun: false, json: false },
    ...change,
  }).catch((error: unknown) => error);
  return { code, out, err };
}

const waits = (endpointId: string, number: number, askedToWait?: true): DeliveryStatus => ({
  ...aDelivery(endpointId, 'retrying', 'http_503'),
  nextAttemptAt: '2026-01-31T23:20:00.123Z',
  nextAttempt: { number, of: 3, ...(askedToWait && { askedToWait }) },
});

test('retry-now says which attempt it spends, if it is the last, and if the receiver asked to wait', async () => {
  const request = { verb: 'retry-now' } as const;
  const [a, b, c] = [waits('all', 2), waits('all', 3, true), aDelivery('all', 'waiting_for_us')];
  const handles = [a, b, c].map((each, index) => aHandle(`${index}`, { state: each.state, deliveries: [each] }));
  const change = { request, narrowing: {}, isNamed: true };
  const early = 'attempt 3 of 3, the last; its receiver asked to wait until 2026-01-31T23:20:00Z (Retry-After)';
  expect((await run(handles, change)).out).toEqual([
    'call-webhook/0\tdone\tattempt asked at all (attempt 2 of 3)',
    `call-webhook/1\tdone\tattempt asked at all (${early})`,
    'call-webhook/2\tdone\tattempt asked at all',
  ]);
  expect((await run(handles, { ...change, ...dryRun })).out.map((line) => line.split('\t')[2])).toEqual([
    'retry-now; now retrying (http_503); attempt 2 of 3',
    `retry-now; now retrying (http_503); ${early}`,
    'retry-now; now waiting_for_us (http_200)',
  ]);
});

const dryRun = { options: { rate: 1_000, dryRun: true, json: false } };

test.each([
  ['a run that cannot be read', new UnreadableRunError('call-webhook/b')],
  ['an answer that did not come', lost()],
  ['a bug of ours', new TypeError('x is undefined')],
  ['something that is no error', 'odd\u001b[2J'],
])('%s is one line, and the others go on', async (_what, error) => {
  const asked: string[] = [];
  const handles = [aHandle('a', {}, asked), aHandle('b', { error }), aHandle('c', {}, asked)];
  const { code, out, err } = await run(handles);
  expect(asked).toEqual(['a all', 'c all']);
  expect(out.map((line) => line.split('\t').slice(0, 2))).toEqual([
    ['call-webhook/a', 'done'],
    ['call-webhook/b', 'failed'],
    ['call-webhook/c', 'done'],
  ]);
  expect(out.join('')).not.toContain('\u001b');
  expect([code, err]).toEqual([1, ['redeliver: 2 done, 1 failed']]);
});

test('three requests in a row without an answer mean that the server is gone: the rest is left, exit code 3', async () => {
  const asked: string[] = [];
  const handles = ['a', 'b', 'c', 'd', 'e'].map((id) => aHandle(id, id === 'a' ? {} : { error: lost() }, asked));
  const { code, err } = await run(handles);
  expect(err).toEqual(['redeliver: 1 done, 3 failed; 1 left untouched']);
  expect(code).toMatchObject({ exitCode: 3, message: expect.stringContaining('did not answer') });
});

test('a dry run lists host, state and reason of each delivery, and totals per endpoint', async () => {
  const deliveries = [aDelivery('ep_a', 'failed', 'http_503'), aDelivery('ep_b', 'delivered')];
  const handles = [
    aHandle('a', { deliveries }),
    aHandle('b', { deliveries: [aDelivery('ep_a', 'failed', 'timeout'), aDelivery('ep_c', 'gone', 'http_410')] }),
    aHandle('c', { deliveries }),
    aHandle('d', { error: new UnreadableRunError('call-webhook/d') }),
  ];
  const { code, out, err } = await run(handles, dryRun);
  expect(out.slice(0, 4)).toEqual([
    'call-webhook/a\twould\tredeliver; now failed (http_503)\tep_a.example.com\tep_a',
    'call-webhook/b\twould\tredeliver; now failed (timeout)\tep_a.example.com\tep_a',
    'call-webhook/b\twould\tredeliver; now gone (http_410)\tep_c.example.com\tep_c',
    'call-webhook/c\twould\tredeliver; now failed (http_503)\tep_a.example.com\tep_a',
  ]);
  expect(out[4]).toMatch(/^call-webhook\/d\tfailed\t/);
  expect(err).toEqual([
    'ep_a.example.com  ep_a  3: 2 failed (http_503), 1 failed (timeout)',
    'ep_c.example.com  ep_c  1: 1 gone (http_410)',
    'redeliver: 1 failed, 3 would (dry run)',
  ]);
  expect(code).toBe(1);
});

test('a dry run of a redelivery touches nothing of a webhook that still runs', async () => {
  const deliveries = [aDelivery('ep_a', 'gone', 'http_410'), aDelivery('ep_b', 'retrying', 'http_503')];
  const { out, code } = await run([aHandle('a', { state: 'retrying', deliveries })], { ...dryRun, isNamed: true });
  expect([code, out]).toEqual([
    1,
    ['call-webhook/a\tskipped\tit still runs (retrying): redeliver it after its end, or cancel it first'],
  ]);
});

test('as JSON a dry run has the same totals', async () => {
  const handles = [aHandle('a', { deliveries: [aDelivery('ep_a', 'failed', 'http_503')] })];
  const { out } = await run(handles, { options: { rate: 1, dryRun: true, json: true } });
  expect(JSON.parse(out.join(''))).toMatchObject({
    would: 1,
    endpoints: [{ endpointId: 'ep_a', host: 'ep_a.example.com', deliveries: 1, standing: { 'failed (http_503)': 1 } }],
    items: [{ deliveries: [{ endpointId: 'ep_a', state: 'failed', reason: 'http_503' }] }],
  });
});

test('a reason narrows: to the one endpoint that has it, to all of them, or to none', async () => {
  const asked: string[] = [];
  const both = [aDelivery('ep_a', 'failed', 'http_503'), aDelivery('ep_b', 'failed', 'timeout')];
  const three = [...both, aDelivery('ep_c', 'failed', 'http_503')];
  const handles = [
    aHandle('a', { deliveries: both }, asked),
    aHandle('b', { deliveries: [aDelivery('ep_b', 'failed', 'timeout')] }, asked),
    aHandle('c', { deliveries: [aDelivery('ep_a', 'failed', 'http_503')] }, asked),
    // A redelivery takes one endpoint or all that lack it, so this one needs a person.
    aHandle('d', { deliveries: three }, asked),
  ];
  const { out, err } = await run(handles, { narrowing: { states: ['failed'], reason: 'http_503' } });
  expect(asked).toEqual(['a ep_a', 'c ep_a']);
  expect(out[1]).toBe('call-webhook/b\tskipped\tits reason is timeout, not http_503');
  expect(out[3]).toContain('2 of its endpoints match, and others do not: name one with --endpoint');
  expect(err).toEqual(['redeliver: 2 done, 1 skipped, 1 failed']);
});

test('what the search passed over is one count at the end, in words and as JSON', async () => {
  const handles = [aHandle('a', { deliveries: [aDelivery('ep_a', 'failed', 'http_401')] })];
  const narrowing = { states: ['failed' as const], reason: 'http_401' };
  const { out, err } = await run(handles, { ...dryRun, narrowing, unfit: 15 });
  expect(out).toHaveLength(1);
  expect(err.at(-1)).toBe(
    'redeliver: 1 would; 15 passed over, because no delivery that could be touched has the reason http_401 (dry run)',
  );
  const asJson = await run(handles, { narrowing, unfit: 15, options: { rate: 1, dryRun: true, json: true } });
  expect(JSON.parse(asJson.out.join(''))).toMatchObject({ chosen: 1, unfit: 15, would: 1, skipped: 0 });
});

test('a redelivery that the client refuses is told with the option of the command', async () => {
  const { out } = await run([aHandle('a', { error: new AlreadyDeliveredError('call-webhook/a') })]);
  expect(out).toEqual(['call-webhook/a\tskipped\tit is delivered already: --force sends it once more']);
});

test('with an endpoint and --force only what has the chosen state there is sent again', async () => {
  const asked: string[] = [];
  const handles = [
    aHandle('a', { deliveries: [aDelivery('ep_a', 'delivered'), aDelivery('ep_b', 'failed')] }, asked),
    aHandle('b', { deliveries: [aDelivery('ep_a', 'failed')] }, asked),
  ];
  await run(handles, { request: { verb: 'redeliver', endpointId: 'ep_a', force: true } });
  expect(asked).toEqual(['b ep_a']);
});

const mixed = [aDelivery('ep_a', 'cancelled'), aDelivery('ep_b', 'failed', 'http_503')];
const waiting = [aDelivery('ep_a', 'retrying', 'http_503'), aDelivery('ep_b', 'waiting_for_us')];
const over = [aDelivery('ep_a', 'delivered'), aDelivery('ep_b', 'waiting_for_us')];

test.each<[string, ControlVerb, FindableState, string, readonly DeliveryStatus[], string[]]>([
  ['what was cancelled beside a failed one', 'redeliver', 'failed', 'ep_a', mixed, []],
  ['what failed beside a cancelled one', 'redeliver', 'failed', 'ep_b', mixed, ['a ep_b']],
  ['what has ended beside a waiting one', 'cancel', 'retrying', 'ep_a', over, []],
  ['what waits for us', 'cancel', 'waiting_for_us', 'ep_b', waiting, ['a ep_b']],
  ['what retries beside one that waits for us', 'cancel', 'waiting_for_us', 'ep_a', waiting, []],
  ['what runs beside one that waits for us', 'cancel', 'running', 'ep_a', waiting, ['a ep_a']],
  ['what waits for us', 'retry-now', 'waiting_for_us', 'ep_b', waiting, ['a ep_b']],
])('with an endpoint its own state decides, as in the dry run: %s, by %s --%s', async (...row) => {
  const [, verb, state, endpointId, deliveries, expected] = row;
  const asked: string[] = [];
  const handles = [aHandle('a', { state: verb === 'redeliver' ? 'failed' : 'waiting_for_us', deliveries }, asked)];
  const work = { request: { verb, endpointId }, narrowing: { states: [state] } };
  const dry = await run(handles, { ...work, ...dryRun });
  expect([asked, dry.err.at(-1)]).toEqual([[], `${verb}: 1 ${expected.length === 0 ? 'skipped' : 'would'} (dry run)`]);
  const { err } = await run(handles, work);
  expect([asked, err]).toEqual([expected, [`${verb}: 1 ${expected.length === 0 ? 'skipped' : 'done'}`]]);
});

test('nothing to hurry where nobody works is a failure that says why', async () => {
  const stalled: Stalled = { why: 'no_worker', problem: 'no worker polls', fix: 'start one' };
  const handles = [aHandle('a', { state: 'retrying', deliveries: [aDelivery('ep_a', 'retrying')], stalled })];
  const { code, out } = await run(handles, {
    request: { verb: 'retry-now', endpointId: 'ep_a' },
    narrowing: { states: ['retrying'] },
  });
  expect([code, out]).toEqual([1, ['call-webhook/a\tfailed\tnothing was asked: no worker polls; start one']]);
});

test('a dry run of retry-now says that an activity is paused, as the command itself does', async () => {
  const stalled: Stalled = { why: 'paused', problem: 'the activity is paused by ann', fix: 'unpause it' };
  const deliveries = [aDelivery('ep_a', 'retrying', 'http_503')];
  const handles = [aHandle('a', { state: 'retrying', deliveries, stalled })];
  const { out } = await run(handles, { ...dryRun, request: { verb: 'retry-now' }, narrowing: {} });
  expect(out).toEqual(['call-webhook/a\tskipped\tnothing was asked: the activity is paused by ann; unpause it']);
});

test('an interrupt before the first webhook is not told as nothing to do', async () => {
  const { code, err } = await run([aHandle('a', {}), aHandle('b', {})], { signal: AbortSignal.abort() });
  expect([code, err]).toEqual([130, ['redeliver: nothing was done; 2 left untouched']]);
});
