import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import {
  applySearchAttributes,
  planSearchAttributes,
  SearchAttributeClashError,
  SearchAttributeSetupError,
} from '../../cli/commands/setup/search-attributes.ts';
import { startOwnServer } from '../support/temporal-server.ts';
import type { OwnServer } from '../support/temporal-server.ts';

let server: OwnServer;
let connection: Connection;

async function serverWith(searchAttributes: Record<string, string>): Promise<void> {
  server = await startOwnServer({ searchAttributes });
  connection = await Connection.connect({ address: server.address });
}

async function stopServer(): Promise<void> {
  await connection.close();
  await server.stop();
}

describe('on a server that knows none of our search attributes', () => {
  beforeAll(() => serverWith({ OrderId: 'KEYWORD' }));
  afterAll(stopServer);

  test('the plan lists all five as missing and changes nothing', async () => {
    const missing = {
      WebhookEvent: 'KEYWORD',
      WebhookCampaignId: 'KEYWORD',
      WebhookAccountId: 'KEYWORD',
      WebhookState: 'KEYWORD',
      WebhookEndpoints: 'KEYWORD_LIST',
    };
    const plan = { namespace: 'default', present: [], missing, clashes: [] };
    expect(await planSearchAttributes(connection, 'default')).toEqual(plan);
    expect(await planSearchAttributes(connection, 'default')).toEqual(plan);
  });

  test('applying the plan adds them, and a workflow may carry them at once', async () => {
    const added = await applySearchAttributes(connection, await planSearchAttributes(connection, 'default'));
    expect([...added].sort()).toEqual([
      'WebhookAccountId',
      'WebhookCampaignId',
      'WebhookEndpoints',
      'WebhookEvent',
      'WebhookState',
    ]);
    const handle = await new Client({ connection }).workflow.start('nobodyRunsThis', {
      taskQueue: 'search-attributes-test',
      workflowId: 'carries-them',
      searchAttributes: { WebhookState: ['started'], WebhookEndpoints: ['ep_1', 'ep_2'] },
    });
    await handle.terminate();
  });

  test('applying again adds nothing', async () => {
    const plan = await planSearchAttributes(connection, 'default');
    expect(plan.missing).toEqual({});
    expect(plan.present).toHaveLength(5);
    expect(await applySearchAttributes(connection, plan)).toEqual([]);
  });

  test('a namespace that does not exist is an error that names it', async () => {
    await expect(planSearchAttributes(connection, 'nope')).rejects.toThrow(
      /namespace nope could not be listed: .*nope/,
    );
  });

  test('a namespace made a moment ago is compared, though the server still remembers that it was not there', async () => {
    const namespace = 'made-late';
    await expect(planSearchAttributes(connection, namespace)).rejects.toThrow(/made-late could not be listed/);
    const workflowExecutionRetentionPeriod = msToTs(86_400_000);
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    expect(Object.keys((await planSearchAttributes(connection, namespace)).missing)).toHaveLength(5);
  });
});

describe('on a server that has two of our names with other types', () => {
  beforeAll(() => serverWith({ WebhookState: 'KEYWORD_LIST', WebhookEndpoints: 'INT', WebhookEvent: 'KEYWORD' }));
  afterAll(stopServer);

  test('applying stops, names both, and adds nothing', async () => {
    const plan = await planSearchAttributes(connection, 'default');
    const error = await applySearchAttributes(connection, plan).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SearchAttributeClashError);
    expect((error as Error).message).toContain(
      'WebhookState is KEYWORD_LIST, needed is KEYWORD; WebhookEndpoints is INT, needed is KEYWORD_LIST. Nothing was added.',
    );
    expect(Object.keys((await planSearchAttributes(connection, 'default')).missing)).toEqual([
      'WebhookCampaignId',
      'WebhookAccountId',
    ]);
  });

  test('an attribute that takes another type between plan and apply stops too', async () => {
    // The server answers the add with success and changes nothing.
    const stale = { namespace: 'default', present: [], missing: { WebhookState: 'KEYWORD' }, clashes: [] };
    await expect(applySearchAttributes(connection, stale)).rejects.toThrow(SearchAttributeClashError);
  });
});

describe('on a server with no free Keyword slots', () => {
  beforeAll(() => serverWith(Object.fromEntries('abcdefgh'.split('').map((letter) => [`Taken${letter}`, 'KEYWORD']))));
  afterAll(stopServer);

  test('applying is an error with the server’s reason and the way out', async () => {
    const plan = await planSearchAttributes(connection, 'default');
    const error = await applySearchAttributes(connection, plan).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SearchAttributeSetupError);
    expect((error as Error).message).toMatch(/more than 10 search attribute of type Keyword\. Free a slot/);
  });
});
