/** Unknown options are refused before anything polls. A misspelt one would otherwise wait in silence. */
import { expect, test } from '@jest/globals';
import { WebhookClient } from '../../../client/index.ts';
import { createWebhookWorker, webhookWorkerParts } from '../../../worker/index.ts';

test('a misspelt option of the worker is named, with those there are', async () => {
  const options = { taskqueue: 'engine' } as never;
  await expect(createWebhookWorker(options)).rejects.toThrow(
    /^createWebhookWorker: unknown option taskqueue; known are connection, namespace, taskQueue, temporal,/,
  );
});

test.each<[string, object, string]>([
  ['a log', { logs: {} }, 'unknown option logs; known are artifacts, secrets, log, deliveryEvents, reports,'],
  ['the events', { deliveryEvent: {} }, 'unknown option deliveryEvent; known are artifacts, secrets, log,'],
  ['a queue', { taskQueue: 'engine', temporal: {} }, 'taskQueue, temporal belongs into Worker.create, not here'],
])('what a host with a worker of its own misspells or misplaces is named: %s', (_what, odd, words) => {
  const ports = { artifacts: { fetch: () => undefined }, secrets: { forEndpoint: () => undefined } };
  expect(() => webhookWorkerParts({ ...ports, ...odd } as never)).toThrow(`webhookWorkerParts: ${words}`);
});

test('the task queue among the options of the SDK is refused: the check of open runs would look at another', async () => {
  const options = { connection: {}, temporal: { taskQueue: 'engine' } } as never;
  await expect(createWebhookWorker(options)).rejects.toThrow(
    'createWebhookWorker: taskQueue belongs beside temporal, not in it',
  );
});

test.each([undefined, {}, { connection: {} }])(
  'a client made of %j is refused at once, with the way to make one',
  (client) => {
    expect(() => new WebhookClient(client as never)).toThrow(
      'new WebhookClient(new Client({ connection, namespace }))',
    );
  },
);
