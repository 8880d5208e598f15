/** What was sent, in words: a table that fits a terminal, and nothing that claims a request which was never made. */
import { expect, test } from '@jest/globals';
import type { SentAttempt, SentRequest, WebhookRequest } from '../../../../client/sent-request.ts';
import { requestInWords } from '../../../../cli/commands/request/words.ts';

const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const attempt: SentAttempt = {
  number: 1,
  trigger: 'schedule',
  startedAt: '2026-01-31T23:14:56.290Z',
  sent: 'yes',
  bodySha256: sha256,
  headers: { 'X-TopCalls-Attempt': '1', 'webhook-timestamp': '1769901296' },
};

function words(request: Partial<SentRequest>): string {
  const requests = [
    {
      endpointId: 'ep_4dPPXcpsgucL',
      webhookId: 'msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a',
      state: 'delivered' as const,
      host: 'crm.example.com',
      headers: {},
      unknownHeaders: [
        { name: 'User-Agent', why: 'x' },
        { name: 'webhook-signature', why: 'kept nowhere' },
      ],
      attempts: [attempt],
      ...request,
    },
  ];
  const body = { text: '{}', bytes: 2, sha256 };
  const run = { workflowId: 'call-webhook/c1', runId: '01a2', event: 'call.completed' as const, cycle: 1 };
  return requestInWords({ ...run, body, requests, notInThisRun: [] } satisfies WebhookRequest);
}

test('each attempt is one line of at most 80 columns, with its whole time', () => {
  const lost: SentAttempt = { ...attempt, number: 10, sent: 'unknown', headers: {}, bodySha256: 'f'.repeat(64) };
  const text = words({ attempts: [attempt, lost] });
  expect(text).toMatch(/│ 1 +│ 2026-01-31T23:14:56Z │ yes +│ 1769901296 │ same hash +│/);
  expect(text).toMatch(/│ 10 +│ 2026-01-31T23:14:56Z │ unknown │ not known +│ ANOTHER HASH │/);
  const table = text.split('\n').filter((line) => line.includes('│'));
  expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(table).toHaveLength(3);
});

test('the user agent is told as far as it is known', () => {
  expect(words({})).toContain('  User-Agent: TopCalls-Webhooks/<version of the worker; not kept>\n');
  expect(words({})).toContain('  webhook-signature: not known; kept nowhere\n');
});

test('a refused webhook names the unknown secret, has no time of sending, and is not sent once more', () => {
  const refused: SentAttempt = { ...attempt, sent: 'no', headers: { 'X-TopCalls-Attempt': '1' } };
  const text = words({ state: 'refused', secretRef: 'acct_7', attempts: [refused] });
  expect(text).toContain('the store of secrets has no secret under the reference "acct_7"');
  expect(text).toMatch(/│ 1 +│ 2026-01-31T23:14:56Z │ no +│ +│ +│/);
  expect(text).not.toMatch(/by hand|not told|1769901296/);
});

test('a command sends it once more only if it was sent', () => {
  expect(words({ curl: 'curl' })).toContain('send it once more by hand:');
  expect(words({ curl: 'curl', attempts: [] })).toContain('\nsend it by hand:');
});
