/** Limits of a task queue on a real server: `limit` sets them, and the server keeps them. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { limitCommand } from '../../cli/commands/limit/command.ts';
import { aFailedCall } from '../support/builders.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';

let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  stage = await openStage({ address: devServer().address });
  receiver = await startReceiver(200);
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
});

const limit = async (...args: string[]) => {
  const env = { TEMPORAL_ADDRESS: devServer().address, TOPCALLS_TASK_QUEUE: stage.taskQueue };
  return runInProcess(limitCommand, args, env);
};

test('a limit is set, shown, kept and removed', async () => {
  const dry = await limit('set', '--queue', '5/s', '--dry-run');
  expect(dry).toMatchObject({ code: 0, stdout: 'queue\tno limit → 5/s' });
  const args = ['--per-account', '0.01/s', '--weight', 'acct_big=500', '--reason', 'ticket 4711'];
  const set = await limit('set', ...args, '--force');
  expect(set.code).toBe(0);
  expect(set.stdout).toBe('per account\tno limit → 36/h\nweight of acct_big\t1 → 500, which is 5/s');
  expect(set.stderr).toContain('runs that start 30 s from now or later keep the limit');
  const shown = JSON.parse((await limit('show', '--json')).stdout) as object;
  expect(shown).toMatchObject({
    taskQueue: stage.taskQueue,
    perAccount: { perSecond: 0.01, reason: 'ticket 4711', by: expect.stringContaining('@') },
    weights: { acct_big: 500 },
  });

  // The second call of the small account would be due in 100 s; that it waits is seen when the large one is through.
  const report = (account_id: string) =>
    stage.webhooks.callEnded(aFailedCall({ webhook_url: `${receiver.url}/${account_id}`, account_id }));
  const [, second] = await Promise.all([report('acct_small'), report('acct_small')]);
  for (let count = 0; count < 7; count += 1) await report('acct_big');
  await receiver.received(8);
  const small = receiver.requests.filter(({ path }) => path.endsWith('acct_small'));
  expect(small).toHaveLength(1);
  expect(['delivering', 'delivered']).toContain((await second?.status())?.state);

  const removed = await limit('unset', '--all');
  expect(removed.stdout).toBe('per account\t36/h → no limit\nweight of acct_big\t500, which is 5/s → 1');
  // What waited goes out, with nothing spent.
  const last = await receiver.received(9);
  expect(last.headers['x-topcalls-attempt']).toBe('1');
  expect((await limit('unset', '--all')).stderr).toContain('nothing to do');
});

test('a task queue that no worker polls is refused, since its name is probably mistyped', async () => {
  const run = await limit('set', '--queue', '5/s', '--task-queue', 'topcalls-other');
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('no worker polls the task queue "topcalls-other" in namespace default');
});
