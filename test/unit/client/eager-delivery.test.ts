/** When runs are told not to dispatch eagerly, and how seldom the server is asked for that. */
import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { WebhookClient, type WebhookClientOptions } from '../../../client/index.ts';
import type { AnyRunInput } from '../../../contract/run-messages.ts';
import { aFailedCall } from '../../support/builders.ts';

type Config = { readonly config?: object; readonly effectiveRateLimit?: object };

/** A client whose server answers so, and what it asked and started. */
function aClient(answer: () => Promise<Config>, options: WebhookClientOptions = {}) {
  const asked: object[] = [];
  const inputs: AnyRunInput[] = [];
  const temporal = {
    options: { namespace: 'default' },
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
    workflowService: {
      describeTaskQueue: (request: object) => {
        asked.push(request);
        return answer();
      },
    },
    workflow: {
      start: async (_type: string, { args }: { args: [AnyRunInput] }) => {
        inputs.push(args[0]);
      },
    },
  } as unknown as Client;
  const webhooks = new WebhookClient(temporal, { taskQueue: 'q', ...options });
  const report = () => webhooks.callEnded(aFailedCall({ webhook_url: 'https://crm.example.com/hook' }));
  return { report, asked, inputs, again: new WebhookClient(temporal, { taskQueue: 'q' }) };
}

const eagerness = (inputs: readonly AnyRunInput[]) => inputs.map(({ policy }) => policy.eagerDelivery);
const rate = { rateLimit: { requestsPerSecond: 10 } };
/** What a removed limit leaves. */
const removed = { rateLimit: null, metadata: { updateIdentity: 'ann@desk' } };

test.each<[string, Config, false | undefined]>([
  ['per account', { config: { fairnessKeysRateLimitDefault: rate } }, false],
  ['of the queue', { config: { queueRateLimit: rate } }, false],
  ['none', { effectiveRateLimit: { requestsPerSecond: 100_000 } }, undefined],
  ['that was removed', { config: { queueRateLimit: removed } }, undefined],
  ['only weights', { config: { fairnessWeightOverrides: { acct_big: 5 } } }, undefined],
  ['of a server that knows none', {}, undefined],
])('a limit %s decides how runs start', async (_name, answer, expected) => {
  const { report, inputs } = aClient(async () => answer);
  await report();
  expect(eagerness(inputs)).toEqual([expected]);
  // A run without a limit has the input that it always had.
  expect(Object.keys(inputs[0]?.policy ?? {})).toHaveLength(expected === false ? 4 : 3);
});

test('the server is asked once, for all reports and all clients of the process', async () => {
  const { report, asked, inputs, again } = aClient(async () => ({ config: { queueRateLimit: rate } }));
  await Promise.all(Array.from({ length: 50 }, report));
  await again.callEnded(aFailedCall({ webhook_url: 'https://crm.example.com/hook' }));
  expect(eagerness(inputs)).toEqual(Array.from({ length: 51 }, () => false));
  expect(asked).toEqual([{ namespace: 'default', taskQueue: { name: 'q' }, taskQueueType: 2, reportConfig: true }]);
});

test('a server that does not tell stops no report', async () => {
  const { report, inputs } = aClient(() => Promise.reject(new Error('PERMISSION_DENIED')));
  await report();
  expect(eagerness(inputs)).toEqual([undefined]);
});

test.each([
  [true, undefined],
  [false, false],
])('with eagerDelivery %p nobody is asked', async (eagerDelivery, expected) => {
  const { report, asked, inputs } = aClient(async () => ({ config: { queueRateLimit: rate } }), { eagerDelivery });
  await report();
  expect(eagerness(inputs)).toEqual([expected]);
  expect(asked).toEqual([]);
});
