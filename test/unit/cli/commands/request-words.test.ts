/** What `request` says of endpoints that this run did not send to. */
import { expect, test } from '@jest/globals';
import type { WebhookRequest } from '../../../../client/sent-request.ts';
import { requestInWords } from '../../../../cli/commands/request/words.ts';

const words = (cycle: number): string =>
  requestInWords({
    workflowId: 'call-webhook/call-1',
    runId: 'run-1',
    event: 'call.completed',
    cycle,
    requests: [],
    notInThisRun: ['ep_1'],
  } as unknown as WebhookRequest);

test.each([
  ['delivering', 'no attempt has told of itself yet'],
  ['refused', 'no attempt is known'],
  ['terminated', 'no attempt is known'],
])('of a delivery without attempts that is %s: %s', (state, told) => {
  const request = {
    host: 'h',
    endpointId: 'ep_1',
    webhookId: 'msg_1',
    state,
    headers: {},
    unknownHeaders: [],
    attempts: [],
  };
  const all = { workflowId: 'w', runId: 'r', event: 'e', cycle: 1, requests: [request], notInThisRun: [] };
  expect(requestInWords(all as unknown as WebhookRequest)).toContain(`\n${told}`);
});

test('an endpoint that ended before may have ended in any earlier cycle', () => {
  expect(words(2)).toMatch(/^an earlier cycle sent to ep_1: --cycle 1$/m);
  expect(words(4)).toMatch(/^an earlier cycle sent to ep_1: one of --cycle 1 to --cycle 3$/m);
});
