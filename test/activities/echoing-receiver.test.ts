/**
 * F43: a receiver echoes what it got and adds words of its own. Results, failures, signals and logs have none of it.
 */
import { expect, test } from '@jest/globals';
import { SECRET } from '../support/builders.ts';
import { ECHOES, RECEIVERS_WORDS, startEchoingReceiver } from '../support/echoing-receiver.ts';
import { aDelivery, asStored, runActivity } from '../support/run-activity.ts';

const OURS = ['+14155551234', '4155551234', '/private-path', 'private-token', SECRET, 'X-Echo'];

test.each(Object.entries(ECHOES))('nothing of %s is kept', async (_title, answer) => {
  const receiver = await startEchoingReceiver(answer);
  try {
    const url = `http://127.0.0.1:${receiver.port}/private-path?token=private-token`;
    for (const hostLogger of [true, false]) {
      const run = await runActivity((own) => own.deliverWebhook(aDelivery(url)), { hostLogger });
      const { value, failure, lines, sdkLines, signals } = run;
      const kept = JSON.stringify([value ?? null, lines, sdkLines, signals]) + (failure ? asStored(failure) : '');
      expect([...RECEIVERS_WORDS, ...OURS].filter((word) => kept.includes(word))).toEqual([]);
      expect(kept).toContain('webhook.attempted');
    }
    // The receiver did get the body, so it could have echoed it.
    expect(receiver.received()).toContain('+14155551234');
  } finally {
    await receiver.stop();
  }
});
