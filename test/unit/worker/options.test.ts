/** Unknown options are refused before anything polls. A misspelt one would otherwise wait in silence. */
import { expect, test } from '@jest/globals';
import { WebhookClient } from '../../../client/index.ts';
import { createWebhookWorker } from '../../../worker/index.ts';

test('a misspelt option of the worker is named, with those there are', async () => {
  const options = { taskqueue: 'engine' } as never;
  await expect(createWebhookWorker(options)).rejects.toThrow(
    /^createWebhookWorker: unknown option taskqueue; known are connection, namespace, taskQueue, temporal,/,
  );
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
