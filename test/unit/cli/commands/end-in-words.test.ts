/** Words that `status` and `db show` share: how a delivery ended, by whom, and what an attempt says of itself. */
import { expect, test } from '@jest/globals';
import { attemptsTable } from '../../../../cli/commands/attempts-table.ts';
import { noSuchWebhook } from '../../../../cli/commands/db/no-such-webhook.ts';
import { endInWords, type Who } from '../../../../cli/commands/end-in-words.ts';
import type { Attempt } from '../../../../contract/delivery-state.ts';

const terminate = { terminateReason: 'a wrong number', terminatedBy: '8440@vm' };
const cancel = { cancelReason: 'moved', cancelledBy: 'ann@desk' };

test.each<[string, string | undefined, Who, string]>([
  ['terminated', 'terminated', terminate, 'terminated by 8440@vm: a wrong number'],
  ['terminated', undefined, { terminatedBy: '8440@vm' }, 'terminated by 8440@vm'],
  ['terminated', undefined, { terminateReason: 'a wrong number' }, 'terminated: a wrong number'],
  ['terminated', undefined, {}, 'terminated'],
  ['cancelled', undefined, cancel, 'cancelled by ann@desk: moved'],
  ['cancelled', 'http_503', cancel, 'cancelled (http_503) by ann@desk: moved'],
  ['failed', 'http_503', {}, 'failed (http_503)'],
  ['delivered', undefined, cancel, 'delivered; cancel asked by ann@desk: moved'],
  [
    'terminated',
    undefined,
    { ...terminate, ...cancel },
    `terminated by 8440@vm: a wrong number; cancel asked by ann@desk: moved`,
  ],
])('%s (%s) with %j', (state, reason, who, words) => {
  expect(endInWords(state, reason, who)).toBe(words);
});

test('an attempt of a lost worker has no duration, and says that the receiver may have seen it', () => {
  const attempt: Attempt = {
    number: 1,
    trigger: 'schedule',
    startedAt: '2026-01-31T23:14:56.290Z',
    durationMs: 12,
    outcome: 'http',
    status: 503,
  };
  const { status: _none, ...rest } = attempt;
  const lost: Attempt = { ...rest, number: 2, durationMs: 0, outcome: 'unknown' };
  const words = attemptsTable([attempt, lost]);
  expect(words).toMatch(/│ 2 +│ 2026-01-31T23:14:56Z +│ unknown +│ +│ +│ schedule +│/);
  expect(words).toMatch(/\nattempt 2: no report of it came, as when a worker is lost; the receiver may have seen it$/);
  expect(attemptsTable([attempt])).not.toContain('worker');
});

const runId = '01a221e9-ae68-7143-a32e-6ec3fdf33726';

test.each([
  ['call-4', 'call-4 is no webhook id (msg_…). Look for it with: topcalls-webhooks db list --call call-4'],
  ['call-webhook/a%20b', "Look for it with: topcalls-webhooks db list --call 'a b'"],
  ['campaign-webhook/camp-7/campaign.ended', 'topcalls-webhooks db list --campaign camp-7'],
  ['msg_tooshort', 'topcalls-webhooks db list --call msg_tooshort'],
  [runId, `topcalls-webhooks status ${runId}`],
  ['msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a', 'If the run was terminated: topcalls-webhooks reconcile'],
  ['https://crm.example.com/hook?token=s3cr3t', 'an address is no webhook id'],
  ['\u001b[2Jx', String.raw`--call '\u001b[2Jx'`],
])('what the log has no webhook for, and what to do: %j', (id, words) => {
  const said = noSuchWebhook(id, 'db:5432/topcalls');
  expect(said).toContain(words);
  for (const never of ['s3cr3t', '\u001b']) expect(said).not.toContain(never);
});
