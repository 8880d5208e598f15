/** `find`, and cancel, retry-now, redeliver and status on the command line, for one webhook and for many. */
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControlVerb } from '../../cli/commands/control/request.ts';
import { controlCommand } from '../../cli/commands/control/command.ts';
import { statusCommand } from '../../cli/commands/status/command.ts';
import type { WebhookHandle } from '../../client/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { builtCli } from '../support/built-cli.ts';
import { runInProcess, type CommandRun } from '../support/in-process-cli.ts';
import { startReceiver, type Answer, type Receiver } from '../support/receiver.ts';
import { runCli } from '../support/run-cli.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer, startOwnServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;
const env = () => ({ TEMPORAL_ADDRESS: devServer().address });

beforeAll(async () => {
  stage = await openStage({ address: devServer().address, webhooks: { retryDelaysMs: [600_000, 600_000] } });
});
afterAll(() => stage.close());

const control = (verb: ControlVerb, ...args: readonly string[]): Promise<CommandRun> =>
  runInProcess(controlCommand(verb), args, env());

/** Starts calls of a campaign and a receiver of their own, so that no other test's runs are chosen. */
async function startCalls(count: number, ladder: readonly number[], ...answers: readonly Answer[]) {
  const receiver = await startReceiver(...answers);
  const campaign = `camp-${randomUUID()}`;
  const webhooks = stage.webhooksWith({ retryDelaysMs: [...ladder] });
  const handles: WebhookHandle[] = [];
  for (let index = 0; index < count; index += 1) {
    const handle = await webhooks.callEnded(aFailedCall({ webhook_url: receiver.url, campaign_id: campaign }));
    if (handle !== undefined) handles.push(handle);
  }
  return { receiver, campaign, handles };
}

/** Waits until the list shows so many. It is eventually consistent. */
async function listed(state: 'retrying' | 'failed' | 'cancelled', campaignId: string, count: number): Promise<void> {
  await waitFor(`${count} ${state} in the list`, async () => {
    let found = 0;
    for await (const each of stage.webhooks.find({ state, campaignId })) found += each.workflowId === '' ? 0 : 1;
    return found === count;
  });
}

const attemptsAt = (receiver: Receiver) => receiver.requests.map(({ headers }) => headers['x-topcalls-attempt']);

test('retry-now --retrying hurries every waiting delivery once; a dry run before it touches none', async () => {
  const { receiver, campaign, handles } = await startCalls(6, [600_000, 600_000], 503);
  await listed('retrying', campaign, 6);
  // The list says "retrying" a moment before the server shows it.
  for (const handle of handles) await untilRetrying(handle);
  const dry = await control('retry-now', '--retrying', '--campaign', campaign, '--dry-run', '--json');
  expect(JSON.parse(dry.stdout)).toMatchObject({ command: 'retry-now', dryRun: true, chosen: 6, would: 6, done: 0 });
  expect(receiver.requests).toHaveLength(6);

  receiver.answer(200);
  const { code, stdout, stderr } = await control('retry-now', '--retrying', '--campaign', campaign);
  expect([code, stderr]).toEqual([0, expect.stringContaining('retry-now: 6 done')]);
  expect(stdout.match(/^call-webhook\/call-[^\t]+\tdone\tattempt asked at ep_/gm)).toHaveLength(6);
  await receiver.received(12);
  expect(attemptsAt(receiver)).toEqual([...Array(6).fill('1'), ...Array(6).fill('2')]);
  await listed('retrying', campaign, 0);
  await receiver.close();
});

test('cancel by campaign stops its deliveries with the reason; again there is nothing to do', async () => {
  const { receiver, campaign, handles } = await startCalls(3, [600_000], 503);
  await listed('retrying', campaign, 3);
  const cancelled = await control('cancel', '--running', '--campaign', campaign, '--reason', 'moved');
  expect([cancelled.code, cancelled.stderr]).toEqual([0, expect.stringContaining('cancel: 3 done')]);
  for (const handle of handles)
    expect(await handle.result()).toMatchObject({ state: 'cancelled', cancelReason: 'moved' });
  await listed('cancelled', campaign, 3);
  const again = await control('cancel', '--running', '--campaign', campaign);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('cancel: nothing to do')]);
  // When a named webhook has nothing to do, the exit code says so.
  const named = await control('cancel', handles[0]?.workflowId ?? '');
  expect([named.code, named.stdout]).toEqual([1, `${handles[0]?.workflowId}\tskipped\tit has ended as cancelled`]);
  await receiver.close();
});

test('redeliver --failed takes what failed last, not what was redelivered since, only at the endpoint asked, at its rate', async () => {
  const { receiver, campaign, handles } = await startCalls(4, [], 500);
  for (const handle of handles) await handle.result();
  await listed('failed', campaign, 4);
  receiver.answer(200);
  // One is redelivered alone. Its failed run stays in the list but is no longer its latest.
  const [first] = handles;
  expect((await control('redeliver', first?.workflowId.replace('call-webhook/', '') ?? '')).code).toBe(0);
  expect(await first?.result()).toMatchObject({ state: 'delivered' });

  const other = await control('redeliver', '--failed', '--campaign', campaign, '--endpoint', 'ep_aaaaaaaaaaaa');
  expect(other.stderr).toContain('0 failed');
  // The limit counts what has the reason, and the others are one count.
  const byReason = (...more: readonly string[]) =>
    control('redeliver', '--failed', '--campaign', campaign, '--limit', '2', '--dry-run', '--reason', ...more);
  const none = await byReason('http_401');
  expect([none.code, none.stdout]).toEqual([0, '']);
  expect(none.stderr).toMatch(/^0 failed with http_401 in namespace default\nredeliver: nothing to do; 3 passed over/);
  const two = await byReason('http_500');
  expect([two.code, two.stderr]).toEqual([0, expect.stringContaining('2 failed with http_500')]);
  expect(two.stdout.split('\n')).toHaveLength(2);
  const askedAt = Date.now();
  const args = ['--failed', '--campaign', campaign, '--endpoint', receiver.url, '--since', '1h', '--rate', '1'];
  const { code, stdout } = await control('redeliver', ...args, '--json');
  const report = JSON.parse(stdout) as { items: { workflowId: string; cycle: number }[] };
  expect([code, report]).toMatchObject([0, { chosen: 3, done: 3, skipped: 0, failed: 0, left: 0 }]);
  expect(report.items.map(({ cycle }) => cycle)).toEqual([2, 2, 2]);
  for (const handle of handles) expect(await handle.result()).toMatchObject({ state: 'delivered' });
  // At one a second the third may not be started before its turn, two seconds after the first.
  const third = await stage.client.workflow.getHandle(report.items[2]?.workflowId ?? '').describe();
  const turnOfThird = askedAt + 2_000;
  expect(third.startTime.getTime()).toBeGreaterThanOrEqual(turnOfThird);
  expect(receiver.requests).toHaveLength(8);
  await receiver.close();
});

test('an id that does not exist is told, the others are done, and the exit code is 1', async () => {
  const { receiver, handles } = await startCalls(1, [], 410);
  await handles[0]?.result();
  receiver.answer(200);
  const missing = `call-${randomUUID()}`;
  const { code, stdout, stderr } = await control('redeliver', missing, handles[0]?.workflowId ?? '');
  expect(code).toBe(1);
  expect(stdout).toMatch(new RegExp(`^call-webhook/${missing}\tfailed\tno history of`, 'm'));
  expect(stdout).toMatch(/\tdone\tdelivery 2 started to ep_/);
  expect(stderr).toContain('redeliver: 1 done, 1 failed');
  await handles[0]?.result();
  // It is delivered now. Named again, it is refused, and the answer says what would help.
  const again = await control('redeliver', handles[0]?.workflowId ?? '', '--json');
  expect([again.code, JSON.parse(again.stdout).items[0]]).toMatchObject([
    1,
    { outcome: 'skipped', code: 'already_delivered' },
  ]);
  const dry = await control('redeliver', handles[0]?.workflowId ?? '', missing, '--dry-run');
  expect(dry.stdout).toContain('\tskipped\tit is delivered already: --force sends it once more');
  const forced = await control('redeliver', handles[0]?.workflowId ?? '', '--force', '--dry-run');
  expect(forced.stdout).toMatch(/\twould\tredeliver; now delivered\t127\.0\.0\.1\tep_\S{12}$/);
  expect([dry.code, dry.stdout]).toEqual([1, expect.stringContaining(`no webhook run call-webhook/${missing}`)]);
  await receiver.close();
});

test('the built command tells a webhook’s status with every attempt, and as JSON what the handle says', async () => {
  const { receiver, handles } = await startCalls(1, [600_000], 503);
  const [handle] = handles;
  await untilRetrying(handle);
  const { code, stdout } = await runCli(['status', handle?.workflowId ?? '', '--json'], env());
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(await handle?.status())));
  const words = await runInProcess(statusCommand, [handle?.workflowId ?? ''], env());
  expect(words.stdout).toMatch(/call\.failed: retrying\n\n127\.0\.0\.1 .*\nretrying; next attempt at 20/);
  expect(words.stdout).toMatch(/│ 1 +│ 20\S+ │ http +│ 503/);
  expect((await runInProcess(statusCommand, ['nobody'], env())).code).toBe(1);
  await handle?.cancel();
  await receiver.close();
});

test('a run that people sent odd signals to can still be read, hurried and cancelled', async () => {
  const { receiver, handles } = await startCalls(1, [600_000], 503);
  const [handle] = handles;
  await untilRetrying(handle);
  const run = stage.client.workflow.getHandle(handle?.workflowId ?? '');
  for (const payload of [undefined, 'text', { endpointId: 7 }]) await run.signal('attemptFailed', payload);
  await run.signal('nobodyListens', { anything: true });
  expect(await handle?.status()).toMatchObject({ state: 'retrying', deliveries: [{ attempts: [{ number: 1 }] }] });
  expect((await control('retry-now', handle?.workflowId ?? '')).code).toBe(0);
  await receiver.received(2);
  await run.signal('cancel', 'moved');
  expect(await handle?.result()).toMatchObject({ state: 'cancelled', cancelReason: 'moved' });
  await receiver.close();
});

test('an endpoint the run does not have, and a misspelt argument, stop nothing and are told', async () => {
  const { receiver, handles } = await startCalls(1, [600_000], 503);
  const [handle] = handles;
  await untilRetrying(handle);
  const other = ['--endpoint', 'https://crm.example.com/hook'];
  for (const verb of ['cancel', 'retry-now'] as const) {
    const { code, stdout } = await control(verb, handle?.workflowId ?? '', ...other);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/\tfailed\tcall-webhook\/\S+ has no endpoint ep_\S+; it has ep_/),
    ]);
  }
  for (const wrong of [{ endpoint: 'ep_aaaaaaaaaaaa' }, { endpointId: 5 }, 'because']) {
    await expect(handle?.cancel(wrong as never)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(handle?.retryNow(wrong as never)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(handle?.redeliver(wrong as never)).rejects.toMatchObject({ code: 'invalid_input' });
  }
  expect(await handle?.status()).toMatchObject({ state: 'retrying', deliveries: [{ attempts: [{ number: 1 }] }] });
  await handle?.cancel();
  await receiver.close();
});

test('Ctrl-C before it is connected ends the command at once', async () => {
  const mute = createServer(() => {}).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const address = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const child = spawn(process.execPath, [await builtCli(), 'cancel', '--running', '--all'], {
    env: { TEMPORAL_ADDRESS: address },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
  await once(mute, 'connection');
  child.kill('SIGINT');
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  // Not later: once its wait for the connection is over, it prints that.
  expect({ code, signal, said }).toEqual({ code: null, signal: 'SIGINT', said: '' });
  mute.close();
});

test('in a namespace without our search attributes a search says which command adds them', async () => {
  const server = await startOwnServer({ searchAttributes: {} });
  const bare = { TEMPORAL_ADDRESS: server.address };
  const { code, stderr } = await runInProcess(controlCommand('cancel'), ['--retrying', '--all', '--limit', '9'], bare);
  expect([code, stderr]).toEqual([1, expect.stringContaining('topcalls-webhooks setup')]);
  const fine = await runInProcess(controlCommand('redeliver'), ['--failed', '--all', '--limit', '9'], bare);
  expect([fine.code, fine.stderr]).toEqual([0, expect.stringContaining('0 failed in namespace default')]);
  await server.stop();
});

test('a reader that leaves, or a full disk, stops what acts: the rest is told, and the exit code is no success', async () => {
  const { receiver, campaign, handles } = await startCalls(12, [], 500);
  for (const handle of handles) await handle.result();
  await listed('failed', campaign, 12);
  const args = ['redeliver', '--failed', '--campaign', campaign, '--rate', '5'];
  const acting = await withReader(args);
  expect(acting.code).toBe(130);
  expect(acting.said).toContain('stdout cannot be written (EPIPE), so this stops; the rest follows here');
  const [, done = '', left = ''] = /redeliver: (\d+) done; (\d+) left untouched/.exec(acting.said) ?? [];
  expect(Number(done) + Number(left)).toBe(12);
  // It only reads, so a reader that has enough is no error.
  expect(await withReader([...args, '--dry-run'])).toMatchObject({
    code: 0,
    said: expect.not.stringContaining('EPIPE'),
  });
  const full = spawnSync(process.execPath, [await builtCli(), 'status', handles[0]?.workflowId ?? ''], {
    env: env(),
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
  });
  expect([full.status, String(full.stderr)]).toEqual([
    1,
    'error: stdout cannot be written: ENOSPC: no space left on device, write\n',
  ]);
  await receiver.close();
});

/** Runs the command with a reader that takes the first piece and leaves. */
async function withReader(args: readonly string[]) {
  const child = spawn(process.execPath, [await builtCli(), ...args], { env: env() });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)));
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}
