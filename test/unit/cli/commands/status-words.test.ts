/** The status of a webhook in words, for every state a delivery can be in. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { notesOnRuns, spanInWords, statusInWords, type StatusFacts } from '../../../../cli/commands/status/words.ts';
import { URL_RULES } from '../../../../contract/egress/url-rules.ts';
import { DEFAULT_RETRY_DELAYS_MS } from '../../../../contract/retry-schedule.ts';
import type { Attempt, DeliveryStatus, WebhookStatus } from '../../../../contract/delivery-state.ts';
import { DRIVES_A_SCREEN, hostileText } from '../../../support/hostile-text.ts';

const nowMs = Date.parse('2026-01-31T23:15:00.000Z');
const FACTS: StatusFacts = {
  isOpen: true,
  earlier: [],
  ignored: [],
  retryDelaysMs: [...DEFAULT_RETRY_DELAYS_MS],
  nowMs,
};
const attempt: Attempt = {
  number: 1,
  trigger: 'schedule',
  startedAt: '2026-01-31T23:14:56.290Z',
  durationMs: 12,
  outcome: 'http',
  status: 503,
  code: 'http_503',
};

function words(
  state: WebhookStatus['state'],
  delivery: Partial<DeliveryStatus> = {},
  facts: Partial<StatusFacts> = {},
  run: Partial<WebhookStatus> = {},
): string {
  const ids = { endpointId: 'ep_4dPPXcpsgucL', webhookId: 'msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a' };
  const deliveries = [{ ...ids, host: 'crm.example.com', attempts: [attempt], state, ...delivery }];
  const status: WebhookStatus = { workflowId: 'call-webhook/c1', event: 'call.completed', state, deliveries, ...run };
  return statusInWords(status, { ...FACTS, ...facts });
}

test('a waiting attempt: which one of how many, when, how long, and the commands that have an effect', () => {
  const text = words('retrying', { nextAttemptAt: '2026-01-31T23:20:56.330Z' });
  expect(text).toContain('retrying; next attempt at 2026-01-31T23:20:56Z, in 5 min 57 s: attempt 2 of 5');
  expect(text).toContain('  topcalls-webhooks retry-now call-webhook/c1  # the waiting attempt goes now');
  expect(text).toContain("  topcalls-webhooks cancel call-webhook/c1 --reason '…'");
  expect(text).not.toContain('redeliver');
  expect(words('retrying', { nextAttemptAt: '2026-01-31T23:14:00.000Z' })).toContain('due now: attempt 2 of 5');
});

test('a wait that is longer than its rung: the receiver asked for it, and the ladder alone is told', () => {
  const later = (status: number, nextAttemptAt: string): string =>
    words('retrying', { nextAttemptAt, attempts: [{ ...attempt, status, code: `http_${status}` }] });
  const asked =
    'later than the ladder: the receiver answered 429 and asked to wait (Retry-After); the ladder alone would wait 1 min 0 s';
  expect(later(429, '2026-01-31T23:29:56.302Z')).toContain(`: attempt 2 of 5\n${asked}\n`);
  expect(later(503, '2026-02-01T00:14:56.302Z')).toContain('(Retry-After; at most 1 h counts); the ladder');
  // The rung itself, and what no Retry-After makes longer.
  expect(later(429, '2026-01-31T23:15:56.900Z')).not.toContain('later');
  expect(later(500, '2026-01-31T23:29:56.302Z')).not.toContain('later');
  // A reset begins the wait anew.
  const reset = words('retrying', { nextAttemptAt: '2026-01-31T23:29:56.302Z' }, { resetOf: '01a1' });
  expect(reset).not.toContain('later than');
  const unread = { attempts: [{ ...attempt, status: 429 }], nextAttemptAt: '2026-01-31T23:29:56.302Z' };
  expect(words('retrying', unread, { retryDelaysMs: [] })).not.toContain('later');
});

test('what was asked for and no worker has taken up is a note, before those that changed nothing', () => {
  const at = '2026-01-31T23:15:00.000Z';
  const unheard = [{ signal: 'retryNow', at, endpointId: 'ep_1', by: '7@desk' } as const];
  const text = words('retrying', {}, { ignored: ['cancel changed nothing'] }, { unheard });
  expect(text).toMatch(
    /\nnote: retryNow at 2026-01-31T23:15:00Z for endpoint ep_1 by 7@desk was asked for, and no worker has.*\nnote: cancel changed nothing\n/,
  );
});

test('a delivery whose cancel no worker has taken up is not said to be in flight, nor to be sent again', () => {
  const unheard = [{ signal: 'cancel', at: '2026-01-31T23:15:00.000Z' } as const];
  for (const stalled of [undefined, { why: 'no_worker', problem: 'none polls', fix: 'start one' } as const]) {
    const text = words('retrying', {}, {}, { unheard, ...(stalled && { stalled }) });
    expect(text).toContain('retrying; it is cancelled once a worker takes up the cancel\n');
    expect(text).not.toMatch(/in flight|does not start/);
  }
  const other = [{ signal: 'cancel', at: '2026-01-31T23:15:00.000Z', endpointId: 'ep_other' } as const];
  expect(words('retrying', {}, {}, { unheard: other })).toContain('in flight');
});

test('earlier runs are a line each; if they were read, each has its attempts', () => {
  const run = { runId: '01a2b3c4-0000-4000-8000-000000000001', state: 'failed', endedAt: '2026-01-31T22:00:00.500Z' };
  expect(words('delivered', {}, { earlier: [run] })).toContain(
    `earlier runs, the latest first:\n  failed, closed 2026-01-31T22:00:00Z  topcalls-webhooks status ${run.runId}`,
  );
  const read: WebhookStatus = {
    workflowId: 'call-webhook/c1',
    event: 'call.completed',
    state: 'terminated',
    terminatedBy: 'admin@host',
    deliveries: [
      { endpointId: 'ep_1', webhookId: 'msg_1', host: 'crm.example.com', state: 'terminated', attempts: [attempt] },
    ],
  };
  const gone = { ...run, runId: '01a2b3c4-0000-4000-8000-000000000002', read: 'retention has\nremoved it' };
  const text = words('delivered', {}, { isOpen: false, earlier: [{ ...run, read }, gone] });
  expect(text).toContain(`run ${run.runId}: terminated by admin@host, closed 2026-01-31T22:00:00Z\n\ncrm.example.com`);
  expect(text.match(/503/g)).toHaveLength(2);
  expect(text).toMatch(
    /run \S+2: failed, closed \S+\ncould not be read: retention has\\u000aremoved it\n\nwhat you can do:\n/,
  );
});

test('what an earlier run has delivered and a redelivery carries along is not shown as sent twice', () => {
  const ids = { endpointId: 'ep_4dPPXcpsgucL', webhookId: 'msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a', host: 'crm.example.com' };
  const carried: DeliveryStatus = { ...ids, state: 'delivered', attempts: [attempt] };
  const read: WebhookStatus = {
    workflowId: 'call-webhook/c1',
    event: 'call.completed',
    state: 'delivered',
    deliveries: [carried],
  };
  const earlier = [{ runId: '01a2b3c4-0000-4000-8000-000000000001', state: 'delivered', read }];
  const text = words('delivered', {}, { earlier });
  expect(text).toContain('delivered, by an earlier run\n');
  expect(text.match(/503/g)).toHaveLength(1);
  // Sent again, or not read.
  const again = { ...attempt, startedAt: '2026-01-31T23:59:00.000Z' };
  expect(words('delivered', { attempts: [again] }, { earlier }).match(/503/g)).toHaveLength(2);
  expect(words('delivered', {}, { earlier: [{ runId: 'r', state: 'delivered' }] })).not.toContain('by an earlier');
});

test('before the first attempt, in flight, and while it waits for us', () => {
  expect(words('settling', { attempts: [] })).toMatch(/\nsettling\n/);
  const settlesUntil = '2026-01-31T23:15:10.330Z';
  expect(words('settling', { attempts: [] }, {}, { settlesUntil })).toMatch(
    /\nsettling until 2026-01-31T23:15:10Z, in 11 s\n/,
  );
  const unheard = words('cancelled', { attempts: [] }, {}, { settlesUntil });
  expect(unheard).toContain('it is cancelled, and rests until 2026-01-31T23:15:10Z, in 11 s; "cancel" closes it now');
  expect(unheard).toContain('topcalls-webhooks cancel call-webhook/c1');
  expect(unheard).not.toContain('delivery log');
  expect(words('delivering', { attempts: [] })).toContain('delivering; attempt 1 of 5 is in flight, or starts now');
  expect(words('retrying')).toContain('retrying; attempt 2 of 5 is in flight, or starts now');
  const waiting = { state: 'waiting_for_us', reason: 'secrets_unavailable', waitingSince: '2026-01-31T23:00:00.120Z' };
  const text = words('waiting_for_us', waiting as Partial<DeliveryStatus>);
  expect(text).toContain(
    'waiting_for_us (secrets_unavailable) since 2026-01-31T23:00:00Z; attempt 2 of 5 is not spent',
  );
  expect(text).toContain('retry-now');
});

test('a run that stands still is never said to deliver or settle: why, since when and what helps', () => {
  const stalled = {
    why: 'no_worker',
    problem: 'no worker polls the task queue "topcalls-webhooks" for activities',
    fix: 'start a worker for this task queue and namespace; nothing is lost meanwhile',
    since: '2026-01-31T23:10:00.120Z',
  } as const;
  for (const state of ['settling', 'fetching', 'delivering'] as const) {
    const text = words(state, { attempts: [] }, {}, { stalled });
    expect(text).toContain('call.completed: no_worker\nstands still since 2026-01-31T23:10:00Z: no worker polls');
    expect(text).toContain('what helps: start a worker for this task queue');
    expect(text).toContain('no_worker; attempt 1 of 5 does not start');
    expect(text).not.toMatch(/settling|fetching|delivering/);
  }
  const log = { why: 'waiting_for_log', problem: 'ECONNREFUSED', fix: 'fix the delivery log' } as const;
  const waiting = words('delivered', {}, {}, { stalled: log });
  expect(waiting).toContain('call.completed: waiting_for_log\nstands still: ECONNREFUSED');
  expect(waiting).toContain('the run waits until the delivery log takes the outcome');
});

test.each([
  ['failed', 'topcalls-webhooks redeliver call-webhook/c1  # once its receiver is fixed'],
  ['gone', 'topcalls-webhooks redeliver call-webhook/c1  # if the 410 was a mistake'],
  ['refused', 'topcalls-webhooks redeliver call-webhook/c1  # once the cause is fixed: docs/errors.md'],
  ['cancelled', 'topcalls-webhooks redeliver call-webhook/c1'],
  ['terminated', 'topcalls-webhooks reconcile --since 2d'],
  ['delivered', 'topcalls-webhooks redeliver call-webhook/c1 --force  # sends it once more'],
] as const)('after the end as %s it offers %s, and no signal', (state, command) => {
  const text = words(state, {}, { isOpen: false });
  expect(text).toContain(command);
  expect(text).not.toMatch(/retry-now|cancel call/);
});

test.each([
  ['secret_unknown', 'redeliver call-webhook/c1  # once the cause is fixed: docs/errors.md', 'request'],
  ['too_many_endpoints', 'redeliver call-webhook/c1  # once the cause is fixed: docs/errors.md', 'our rule'],
  ['address_resolved', 'redeliver call-webhook/c1  # once the cause is fixed: docs/errors.md', 'our rule'],
  ['secret_in_reference', 'request call-webhook/c1 --body  # what was not sent', 'redeliver'],
  ['secret_ref_invalid', 'request call-webhook/c1 --body  # what was not sent', 'redeliver'],
  ...Object.entries(URL_RULES).flatMap(([code, rule]) => [
    [code, `our rule: ${rule}\n`, 'once the cause is fixed'] as const,
    [code, "redeliver call-webhook/c1  # to the same URL: only once the workers' egress options", 'the cause'] as const,
    [code, 'request call-webhook/c1 --body  # what was not sent', 'the cause'] as const,
  ]),
])('refused for %s: it offers %s, and nothing that would be refused again', (reason, told, untold) => {
  const text = words('refused', { reason }, { isOpen: false });
  expect(text).toContain(told);
  expect(text).not.toContain(untold);
});

test('the code of the last attempt is explained while it counts', () => {
  const told = 'connect_refused: nothing listens on the port: the receiver is down, or the port is wrong\n';
  const { status: _none, ...silent } = { ...attempt, outcome: 'network', code: 'connect_refused' } as const;
  expect(words('retrying', { attempts: [attempt, silent] })).toContain(told);
  expect(words('failed', { attempts: [silent], reason: 'connect_refused' }, { isOpen: false })).toContain(told);
  expect(words('retrying', { attempts: [silent, attempt] })).not.toContain('nothing listens');
  expect(words('delivered', { attempts: [silent] }, { isOpen: false })).not.toContain('nothing listens');
});

test.each([
  ['secret_unknown', 'decided by the store of secrets of the worker 7@b topcalls-webhooks/0.1.0; all workers'],
  ['scheme', 'decided by the egress options of the worker 7@b topcalls-webhooks/0.1.0; all workers'],
])('refused for %s by one worker: it says whose options decided', (reason, told) => {
  const refusedBy = '7@b topcalls-webhooks/0.1.0';
  expect(words('refused', { reason, refusedBy }, { isOpen: false })).toContain(told);
  expect(words('refused', { reason }, { isOpen: false })).not.toContain('decided by');
});

test('a signal that nobody would hear is not offered; a run that waits for the host alone can be closed', () => {
  const failing = { why: 'task_failing', problem: 'Unknown encoding', fix: 'reset it' } as const;
  const nextAttemptAt = '2026-01-31T23:20:56.330Z';
  expect(words('retrying', { nextAttemptAt }, {}, { stalled: failing })).not.toContain('what you can do');
  const host = { why: 'waiting_for_notify', problem: 'http_500', fix: 'fix it' } as const;
  expect(words('gone', {}, {}, { stalled: host })).toContain('  topcalls-webhooks cancel call-webhook/c1 --let-go  # ');
  expect(words('retrying', { nextAttemptAt }, {}, { stalled: host })).not.toContain('let-go');
});

test('an attempt that is due and not started is not said to be in flight; a poll says what the source lacks', () => {
  const dueSince = '2026-01-31T23:13:54.000Z';
  const due = 'has been due for 1 min 6 s, and no worker has started it: topcalls-webhooks doctor';
  expect(words('delivering', { attempts: [], dueSince })).toContain(`delivering; attempt 1 of 5 ${due}`);
  expect(words('retrying', { nextAttemptAt: dueSince, dueSince })).toContain(`retrying; attempt 2 of 5 ${due}`);
  const stalled = { why: 'no_worker', problem: 'no worker polls', fix: 'start one' } as const;
  expect(words('delivering', { attempts: [], dueSince }, {}, { stalled })).toContain('no_worker; attempt 1 of 5');
  const fetching = words('fetching', { attempts: [] }, {}, { artifactsAwaited: 'summary not\u001b ready yet' });
  expect(fetching).toContain('\nfetching: summary not\\u001b ready yet\n');
});

test('a clock behind the server’s makes no attempt due for less than no time', () => {
  const dueSince = new Date(nowMs + 3_000).toISOString();
  expect(words('delivering', { attempts: [], dueSince })).toContain('attempt 1 of 5 has been due for 0 s,');
});

test('an open run whose deliveries have all ended waits for the log, and needs nothing of a person', () => {
  const text = words('delivered');
  expect(text).toContain('the run waits until the delivery log takes the outcome');
  expect(text).not.toContain('what you can do');
});

test('earlier runs have a command each, and one of them says that it is not the latest', () => {
  const earlier = [{ runId: '01a2', state: 'failed', endedAt: '2026-01-30T10:00:00.500Z' }];
  expect(words('delivered', {}, { isOpen: false, earlier })).toContain(
    'earlier runs, the latest first:\n  failed, closed 2026-01-30T10:00:00Z  topcalls-webhooks status 01a2',
  );
  const old = words('failed', {}, { isOpen: false, runId: '01a2', namespace: "o'dd" });
  expect(old).toContain('run 01a2, which is not the latest one');
  expect(old).toContain(`topcalls-webhooks status call-webhook/c1 -n 'o'\\''dd'  # the latest run`);
  expect(old).not.toContain('redeliver');
});

test('a run that was reset says so, and names the run before it, in the namespace asked', () => {
  const copy = words('retrying', {}, { resetOf: '01a1', namespace: 'prod' });
  expect(copy).toContain('this run was reset: it does a part of the run before it again');
  expect(copy).toContain('(topcalls-webhooks status 01a1 -n prod)');
  const earlier = [{ runId: '01a2', state: 'terminated' }];
  expect(words('retrying', {}, { resetOf: '01a1', earlier })).toContain('(topcalls-webhooks status 01a2)');
  expect(words('retrying')).not.toContain('reset');
});

test('a terminated run says once who ended it and why; reconcile is for a log that lacks it', () => {
  const who = { terminateReason: 'a wrong number', terminatedBy: '8440@vm' };
  const text = words('terminated', { reason: 'terminated' }, { isOpen: false }, who);
  expect(text).toContain('call.completed: terminated by 8440@vm: a wrong number\n');
  expect(text).not.toContain('terminated (terminated)');
  expect(text).toContain('topcalls-webhooks reconcile --since 2d  # if the log lacks it');
});

test('an unknown or empty secret is named by its reference', () => {
  const secret = { secretRef: 'acct "7"\u001b[2J', attempts: [] };
  expect(words('refused', { ...secret, reason: 'secret_unknown' }, { isOpen: false })).toContain(
    String.raw`the store of secrets has no secret under the reference "acct \"7\"\\u001b[2J"`,
  );
  expect(words('refused', { ...secret, reason: 'secret_empty' }, { isOpen: false })).toContain('an empty secret under');
  expect(words('refused', { reason: 'scheme' }, { isOpen: false })).not.toContain('secret');
});

test('what was repaired in the reported data is told, field by field', () => {
  const repairs = [{ field: 'duration', problem: 'a text: read as 2.5' }];
  expect(words('delivered', {}, { isOpen: false }, { repairs })).toContain(
    '\nrepaired: duration: a text: read as 2.5\n',
  );
});

test('a span is said in two units at most', () => {
  expect([1, 59_001, 250_000, 5_400_000].map(spanInWords)).toEqual(['1 s', '1 min 0 s', '4 min 10 s', '1 h 30 min']);
});

test('everything that others wrote is on one line, and drives no terminal', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const delivery = { host: text, reason: text, attempts: [{ ...attempt, code: text, status: undefined }] };
      const run = { workflowId: `call-webhook/${text}`, cancelReason: text, cancelledBy: text, terminateReason: text };
      const stalled = { why: 'paused', problem: text, fix: text, since: text } as const;
      const repairs = [{ field: text, problem: text }];
      const shown = words(
        'refused',
        delivery as never,
        { ignored: [text], namespace: text },
        { ...run, repairs, stalled },
      );
      expect(shown.replaceAll('\n', '')).not.toMatch(DRIVES_A_SCREEN);
      const harmless = words(
        'refused',
        { ...delivery, host: 'x', reason: 'x', attempts: [] },
        { ignored: ['x'], namespace: 'x' },
      );
      const headings = (each: string): number => each.split('\n').filter((line) => /^[a-z ]+:$/.test(line)).length;
      expect(headings(shown)).toBe(headings(harmless));
    }),
    { numRuns: 60 },
  );
});

test('a page names a reset and the earlier runs, and nobody who sent a signal', () => {
  const earlier = [{ runId: 'run-1', state: 'terminated', endedAt: '2026-01-31T23:10:00.000Z' }];
  const ignored = ['cancel by 7@desk changed nothing'];
  expect(notesOnRuns({ ...FACTS, earlier, ignored, resetOf: 'run-1' })).toEqual([
    'this run was reset: it does a part of the run before it again (topcalls-webhooks status run-1)',
    'earlier run: terminated, closed 2026-01-31T23:10:00Z  topcalls-webhooks status run-1',
  ]);
  expect(notesOnRuns({ ...FACTS, runId: 'run-1' })).toEqual(['run run-1 is not the latest one']);
  expect(notesOnRuns(FACTS)).toEqual([]);
});
