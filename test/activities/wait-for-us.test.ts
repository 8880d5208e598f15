/** The activity that waits until our own side can send: each try is one question to the secret store. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { SigningSecrets } from '../../activities/index.ts';
import { SECRET } from '../support/builders.ts';
import { aDelivery, asStored, runActivity, type ActivityWorld } from '../support/run-activity.ts';

const { subject, endpoint } = aDelivery('https://crm.example.com/hook');
const INPUT = { subject, endpoint, code: 'secret_store_down', waitMs: 120_000 };
const DOWN: SigningSecrets['forEndpoint'] = () => Promise.reject(new Error('hush'));

function ask(
  forEndpoint: SigningSecrets['forEndpoint'],
  info: NonNullable<ActivityWorld['info']>,
  change: object = {},
) {
  const work: Parameters<typeof runActivity<void>>[0] = (own) => own.waitForUs({ ...INPUT, ...change });
  return runActivity(work, { ports: { secrets: { forEndpoint } }, info });
}

test('the first try only begins the wait, since the attempt before it has just asked', async () => {
  let asked = 0;
  const store = () => {
    asked += 1;
    return { current: SECRET };
  };
  const { failure, lines } = await ask(store, { attempt: 1 });
  expect(failure).toMatchObject({ type: 'WebhookNotReady', nonRetryable: false, nextRetryDelay: 120_000 });
  expect(failure?.message).toBe(
    'our own side cannot send to 127.0.0.1 (secret_store_down); no attempt is spent; asked again in 120 s',
  );
  expect([asked, lines]).toEqual([0, []]);
});

test('while the store is down it is asked every 30 s, and the log is told every ten minutes', async () => {
  const info = { scheduledTimestampMs: 1_000, currentAttemptScheduledTimestampMs: 601_000 };
  for (const attempt of [2, 3, 19, 21]) {
    const { failure, lines } = await ask(DOWN, { ...info, attempt });
    expect(failure).toMatchObject({ type: 'WebhookNotReady', nonRetryable: false, nextRetryDelay: 30_000 });
    expect(lines).toEqual([]);
  }
  const { failure, lines } = await ask(DOWN, { ...info, attempt: 20 });
  expect(lines).toMatchObject([
    { level: 'error', message: 'webhook.waits_for_us', code: 'secret_store_down', waitedMs: 600_000, error: 'Error' },
  ]);
  expect(JSON.stringify(lines) + (failure === undefined ? '' : asStored(failure))).not.toContain('hush');
});

test.each([
  ['the store answers again', () => ({ current: SECRET }), {}],
  // The attempt itself then ends refused.
  ['the store does not know the reference any more', () => undefined, {}],
  ['the endpoint has no secret, so another reason held it', DOWN, { endpoint: { ...endpoint, secretRef: undefined } }],
])('it ends when %s', async (_what, forEndpoint: SigningSecrets['forEndpoint'], change) => {
  const { failure, lines } = await ask(forEndpoint, { attempt: 2 }, change);
  expect(failure).toBeUndefined();
  expect(lines).toMatchObject([{ level: 'info', message: 'webhook.goes_on' }]);
});

test('whatever the store answers, the delivery waits or goes on, and nothing else happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (answer) => {
      const { failure } = await ask((() => answer) as SigningSecrets['forEndpoint'], { attempt: 2 });
      expect([undefined, 'WebhookNotReady']).toContain(failure?.type);
    }),
    { numRuns: 500 },
  );
});
