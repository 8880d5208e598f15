/** `status` where the server answers badly: what was read is printed, and what was not looked at is not "not found". */
import { expect, test } from '@jest/globals';
import { type Client, ServiceError } from '@temporalio/client';
import { factsFor } from '../../../../cli/commands/status/facts.ts';
import { runWithWebhookId } from '../../../../cli/commands/status/find-run.ts';
import { statusInWords } from '../../../../cli/commands/status/words.ts';
import { UnreadableRunError } from '../../../../client/errors.ts';
import type { LiveState, WebhookStatus } from '../../../../contract/delivery-state.ts';

const grpc = (code: number): Error =>
  new ServiceError('asked', {
    cause: Object.assign(new Error(`${code} no`), { code, details: 'no', metadata: {} }),
  });

/** A client whose list has `count` runs, and whose histories fail with what `errorOf` gives. */
function aClient(count: number, errorOf: (run: number) => Error | undefined): Client {
  async function* list() {
    for (let run = 0; run < count; run += 1) yield { workflowId: `call-webhook/c${run}`, runId: String(run) };
  }
  return {
    options: { namespace: 'default' },
    connection: { options: { address: '127.0.0.1:7233' } },
    withDeadline: <T>(_deadline: number, work: () => Promise<T>): Promise<T> => work(),
    workflow: { list, getHandle: () => ({ describe: () => Promise.reject(grpc(4)) }) },
    workflowService: {
      getSystemInfo: () => Promise.reject(grpc(14)),
      getWorkflowExecutionHistory: async ({ execution }: { execution: { runId: string } }) => {
        const error = errorOf(Number(execution.runId));
        if (error !== undefined) throw error;
        return { history: { events: [] } };
      },
    },
  } as unknown as Client;
}

const find = (client: Client) => runWithWebhookId(client, 'msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a', () => {});

test('a search by webhook id counts the runs that nobody here can read', async () => {
  const errorOf = (run: number) =>
    run % 4 === 0 ? new UnreadableRunError('call-webhook/c', new Error('key')) : undefined;
  expect(await find(aClient(25, errorOf))).toEqual({ looked: 25, unread: 7 });
});

test('a run that retention has removed since is none, and no unread one', async () => {
  expect(await find(aClient(3, () => grpc(5)))).toEqual({ looked: 3, unread: 0 });
});

test.each([
  ['is gone', 14],
  ['refuses', 7],
])('a search by webhook id fails when the server %s in the middle of it', async (_what, code) => {
  await expect(find(aClient(25, (run) => (run === 13 ? grpc(code) : undefined)))).rejects.toBeInstanceOf(ServiceError);
});

test.each<[LiveState, boolean]>([
  ['retrying', true],
  ['delivered', false],
])('a server that is slow at the second read costs only the facts of it, and the words say so: %s', async (...row) => {
  const [state, isOpen] = row;
  const status: WebhookStatus = { workflowId: 'call-webhook/c1', event: 'call.completed', state, deliveries: [] };
  const facts = await factsFor(
    aClient(0, () => undefined),
    status,
    undefined,
  );
  expect(facts).toMatchObject({ isOpen, earlier: [], ignored: [] });
  const words = statusInWords(status, facts);
  expect(words).toContain(`call-webhook/c1  call.completed: ${state}\n`);
  expect(words).toMatch(/^note: earlier runs and signals without effect could not be read: .*did not answer/m);
});
