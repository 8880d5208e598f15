/** What the demo prints about a run between two looks at it. */
import { expect, test } from '@jest/globals';
import { answersOf, newsOf, waitOf } from '../../../../cli/demo/words.ts';
import type { Attempt, WebhookStatus } from '../../../../contract/index.ts';

const FIRST: Attempt = {
  number: 1,
  trigger: 'schedule',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 5,
  outcome: 'http',
  status: 503,
  code: 'http_503',
  nextAttemptAt: '2026-01-01T00:00:02.005Z',
};

function aStatus(state: WebhookStatus['state'], attempts: readonly Attempt[] = []): WebhookStatus {
  const delivery = { endpointId: 'ep_1', host: '127.0.0.1', webhookId: 'msg_1', state, attempts };
  return { workflowId: 'call-webhook/1', event: 'call.completed', state, deliveries: [delivery] };
}

test('a run that settles says so once', () => {
  const settling = aStatus('settling');
  expect(newsOf(undefined, settling)).toEqual(['settles for 15 s: recording, transcript and summary are being made']);
  expect(newsOf(settling, settling)).toEqual([]);
});

test('each attempt is told once, with its answer and the wait after it', () => {
  const retrying = aStatus('retrying', [FIRST]);
  expect(newsOf(aStatus('delivering'), retrying)).toEqual(['attempt 1: HTTP 503 after 5 ms; the next one in 2 s']);
  expect(newsOf(retrying, retrying)).toEqual([]);
});

test('an attempt that got no answer is told by its reason code', () => {
  const { status: _none, ...refused } = FIRST;
  const now = aStatus('failed', [{ ...refused, outcome: 'network', code: 'connect_refused' }]);
  expect(newsOf(undefined, now)[0]).toContain('attempt 1: connect_refused');
  expect(answersOf(now.deliveries[0])).toBe('connect_refused');
});

test('an attempt that never reported is told without a time that nobody knows', () => {
  const { status: _none, code: _code, nextAttemptAt: _next, ...lost } = FIRST;
  const now = aStatus('retrying', [{ ...lost, outcome: 'unknown', durationMs: 0 }]);
  expect(newsOf(aStatus('delivering'), now)[0]).toMatch(/^attempt 1: (?!.* ms)/);
});

test('the end is told with what is missing in the body, or with who stopped it', () => {
  const artifacts = { recording: 'ready', transcript: 'not_expected', summary: 'timed_out' } as const;
  expect(newsOf(aStatus('delivering'), { ...aStatus('delivered'), artifacts })).toEqual([
    'delivered, without summary (timed_out)',
  ]);
  expect(newsOf(aStatus('retrying'), { ...aStatus('cancelled'), cancelReason: 'wrong URL' })).toEqual([
    'cancelled: wrong URL',
  ]);
});

test('the countdown counts to the end of the settle delay, then to the announced attempt', () => {
  const at = Date.parse('2026-01-01T00:00:01.000Z');
  expect(waitOf(aStatus('settling'), at + 14_001, at)).toBe('settles 15 s');
  const retrying = aStatus('retrying', [FIRST]);
  const deliveries = retrying.deliveries.map((each) => ({ ...each, nextAttemptAt: '2026-01-01T00:00:02.005Z' }));
  expect(waitOf({ ...retrying, deliveries }, 0, at)).toBe('attempt 2 in 2 s');
  expect(waitOf(aStatus('delivered', [FIRST]), 0, at)).toBeUndefined();
});
