import { expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { devServer, startOwnServer, timeSkipping } from '../support/temporal-server.ts';

test('the shared server of a test run accepts our search attributes at once', async () => {
  const connection = await Connection.connect(devServer());
  const client = new Client({ connection });
  const handle = await client.workflow.start('nobodyRunsThis', {
    taskQueue: 'dev-server-test',
    workflowId: `dev-server-test-${Date.now()}`,
    searchAttributes: { WebhookState: ['started'], WebhookEndpoints: ['a', 'b'], WebhookEvent: ['call.completed'] },
  });
  await handle.terminate();
  await connection.close();
});

test('the time-skipping server starts from its pinned program', async () => {
  const env = await timeSkipping();
  try {
    const before = await env.currentTimeMs();
    await env.sleep('1 hour');
    const anHourLater = before + 3_600_000;
    expect(await env.currentTimeMs()).toBeGreaterThanOrEqual(anHourLater);
  } finally {
    await env.teardown();
  }
});

test('an own server that is killed answers again after a restart on the same address', async () => {
  const server = await startOwnServer();
  try {
    const firstPid = server.pid();
    await server.kill('SIGKILL');
    await expect(Connection.connect({ address: server.address, connectTimeout: 300 })).rejects.toThrow();
    await server.restart();
    expect(server.pid()).not.toBe(firstPid);
    const connection = await Connection.connect({ address: server.address });
    await connection.close();
  } finally {
    await server.stop();
  }
});
