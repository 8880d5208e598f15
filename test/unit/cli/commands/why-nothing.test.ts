/** A command that had nothing to do says what is so at the webhook, and what helps. */
import { expect, test } from '@jest/globals';
import {
  AlreadyDeliveredError,
  HistoryGoneError,
  StillRunningError,
  WebhookNotFoundError,
} from '../../../../client/errors.ts';
import { errorInWords, whyNothing } from '../../../../cli/commands/control/why-nothing.ts';
import type { ControlRequest, ControlVerb } from '../../../../cli/commands/control/request.ts';
import { touched, type Narrowing } from '../../../../cli/commands/control/touched.ts';
import { FINAL_STATES, isFinal, type LiveState, type WebhookStatus } from '../../../../contract/delivery-state.ts';

type Standing = readonly [state: LiveState, reason?: string];

function aStatus(...standings: readonly Standing[]): WebhookStatus {
  const deliveries = standings.map(([state, reason], index) => ({
    endpointId: `ep_${index}`,
    state,
    reason,
    attempts: [],
  }));
  const state = deliveries.find((each) => !isFinal(each.state))?.state ?? standings[0]?.[0];
  return { state, deliveries } as unknown as WebhookStatus;
}

test.each<[ControlVerb, WebhookStatus, Partial<ControlRequest>, Narrowing, string]>([
  ['redeliver', aStatus(['failed', 'http_500']), {}, { reason: 'http_401' }, 'its reason is http_500, not http_401'],
  [
    'redeliver',
    aStatus(['failed', 'http_500'], ['gone', 'http_410']),
    {},
    { reason: 'http_401' },
    'its reasons are http_500, http_410, not http_401',
  ],
  [
    'redeliver',
    aStatus(['delivered'], ['failed', 'http_500']),
    {},
    { reason: 'http_401' },
    'its reason is http_500, not http_401',
  ],
  ['redeliver', aStatus(['delivered']), {}, {}, 'it is delivered already: --force sends it once more'],
  [
    'redeliver',
    aStatus(['delivered'], ['failed']),
    { endpointId: 'ep_0' },
    {},
    'it is delivered already: --force sends it once more',
  ],
  [
    'redeliver',
    aStatus(['failed'], ['retrying']),
    {},
    {},
    'it still runs (retrying): redeliver it after its end, or cancel it first',
  ],
  ['redeliver', aStatus(['failed']), { endpointId: 'ep_9' }, {}, 'it has no endpoint ep_9'],
  [
    'redeliver',
    aStatus(['cancelled']),
    { endpointId: 'ep_0' },
    { states: ['failed', 'gone'] },
    'it is cancelled there, not failed or gone',
  ],
  ['retry-now', aStatus(['retrying']), {}, {}, 'an attempt is in flight (retrying), so none waits'],
  ['retry-now', aStatus(['settling']), {}, {}, 'its first attempt is not due yet (settling), so none waits'],
  ['retry-now', aStatus(['failed', 'http_500']), {}, {}, 'it has ended as failed: redeliver it'],
  ['retry-now', aStatus(['delivered']), {}, {}, 'it has ended as delivered'],
  ['cancel', aStatus(['failed'], ['delivered']), {}, {}, 'it has ended as failed, delivered'],
])('%s of %j', (verb, status, request, narrowing, words) => {
  expect(touched(status, { verb, ...request }, narrowing)).toEqual([]);
  expect(whyNothing(status, { verb, ...request }, narrowing)).toBe(words);
});

const LIVE: readonly LiveState[] = ['settling', 'fetching', 'delivering', 'retrying', 'waiting_for_us'];

test('whatever the verb and the state, the words name the state, and no method of the client', () => {
  for (const verb of ['cancel', 'retry-now', 'redeliver'] as const) {
    for (const state of [...LIVE, ...FINAL_STATES]) {
      const status = aStatus([state, 'timeout']);
      if (touched(status, { verb }).length > 0) continue;
      expect(whyNothing(status, { verb }, {})).toContain(state);
      expect(whyNothing(status, { verb }, {})).not.toMatch(/[{}]|retryNow|nothing to/);
    }
  }
});

test('an error of the client names the options of the command', () => {
  const id = 'call-webhook/a';
  expect(errorInWords(new AlreadyDeliveredError(id), id)).toBe('it is delivered already: --force sends it once more');
  expect(errorInWords(new StillRunningError(id), id)).toContain('retry-now');
  expect(errorInWords(new HistoryGoneError(id), id)).toBe(new HistoryGoneError(id).message);
});

test.each([
  [`msg_${'a'.repeat(24)}`, 'webhook id'],
  ['0b5c7d3e-1111-4222-8333-444455556666', 'run id'],
])('%s is told to be a %s, and what names the webhook', (id, kind) => {
  const workflowId = `call-webhook/${id}`;
  for (const error of [new WebhookNotFoundError(workflowId), new HistoryGoneError(workflowId)]) {
    const words = errorInWords(error, workflowId);
    expect(words).toContain(`It looks like a ${kind}, which this command does not take`);
    expect(words).toContain(`topcalls-webhooks status ${id} names its workflow id`);
  }
});

test('a run that is not found may have been erased: nobody is told to report its call again without that', () => {
  for (const error of [new WebhookNotFoundError('call-webhook/a'), new HistoryGoneError('call-webhook/a')])
    expect(error.message).toMatch(/or it was erased.*Unless an operator erased it \(their receipt says so\), report/);
});
