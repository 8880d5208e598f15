/** A WebhookClient for a command: on the configured server and namespace, with keys and storage if there are any. */
import { Client } from '@temporalio/client';
import { WebhookClient } from '../../client/webhook-client.ts';
import { given } from '../../contract/given.ts';
import { readDataConverter } from './data-converter.ts';
import { openConnection } from './open-connection.ts';
import type { Env } from '../../temporal-server/env.ts';

/** What a command works with. */
export type OpenClient = {
  readonly webhooks: WebhookClient;
  readonly client: Client;
  readonly namespace: string;
  readonly address: string;
};

/** Calls `use` with a client and closes its connection. Rejects with EnvError for bad keys or a bad storage, and with
 *  CliError when no server or namespace answers. */
export async function withClient<T>(
  env: Env,
  namespace: string | undefined,
  use: (open: OpenClient) => Promise<T>,
): Promise<T> {
  const dataConverter = await readDataConverter(env);
  const { connection, namespace: name, address } = await openConnection(env, namespace);
  try {
    const client = new Client({ connection, namespace: name, ...given({ dataConverter }) });
    return await use({ webhooks: new WebhookClient(client), client, namespace: name, address });
  } finally {
    await connection.close();
  }
}
