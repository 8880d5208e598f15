/** send-test sends the published samples as the real sender would, and says when a receiver is set up wrongly. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sendTestCommand } from '../../../../cli/commands/send-test/command.ts';
import { EVENT_NAMES } from '../../../../contract/event-types.ts';
import { generateSecret, nodeHandler, receive, signTestRequest, verifyWebhook } from '../../../../receiver/index.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

const secret = generateSecret();
let url: string;
let handled: string[] = [];

const receiver = receive({
  secret,
  on: Object.fromEntries(EVENT_NAMES.map((name) => [name, () => void handled.push(name)])),
});
const server = createServer(nodeHandler(receiver));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/call-complete`;
});
afterAll(() => void server.close());
beforeEach(() => {
  handled = [];
});

const send = (args: readonly string[], env: NodeJS.ProcessEnv = { WEBHOOK_SECRET: secret }) =>
  runInProcess(sendTestCommand, [url, ...args], env);

test.each(EVENT_NAMES)('the sample of %s is accepted and handled', async (event) => {
  const { code, stderr } = await send(['--event', event]);
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(`^${event} msg_test\\S+: HTTP 200 in \\d+ ms → delivered\n  the receiver says: .*"handled"`),
    ),
  ]);
  expect(handled).toEqual([event]);
});

test('repeated with one id it is acknowledged each time and handled once', async () => {
  const { code, stdout } = await send(['--repeat', '3', '--json']);
  const { answers } = JSON.parse(stdout) as { answers: { status: number; answer: string }[] };
  expect([code, answers.map(({ status }) => status), handled]).toEqual([0, [200, 200, 200], ['call.completed']]);
  expect(answers.map(({ answer }) => (JSON.parse(answer) as { code: string }).code)).toEqual([
    'handled',
    'duplicate',
    'duplicate',
  ]);
});

test('tampered it is refused, which is right; with another secret too, which is not', async () => {
  expect((await send(['--tamper'])).code).toBe(0);
  const other = await send([], { WEBHOOK_SECRET: generateSecret() });
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('HTTP 401')]);
  expect(other.stderr).toContain('it would be tried again');
  expect(other.stderr).toMatch(/the receiver says: .*signature_mismatch/);
  expect(handled).toEqual([]);
});

test('what would come next is what the sender would do: the ladder, the receiver’s wish, or nothing', async () => {
  const busy = createServer((_request, response) => {
    response.writeHead(503, { 'retry-after': '600' }).end();
  });
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  const to = `http://127.0.0.1:${(busy.address() as AddressInfo).port}/`;
  const said = async (...args: string[]) =>
    (await runInProcess(sendTestCommand, [to, ...args], { WEBHOOK_SECRET: secret })).stderr;
  expect(await said()).toContain('tried again after 10 min 0 s, as the receiver asks (Retry-After)');
  expect(await said('--event', 'webhook.test')).toContain('not delivered: a webhook.test has one attempt');
  busy.close();
});

test('a body of one’s own goes byte for byte, and tampered is another one, in its values, too', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'send-test-')), 'body.json');
  const pretty = '{\n  "event": "call.completed",\n  "note": "no id, and blanks"\n}\n';
  writeFileSync(file, pretty);
  const sent = async (...args: string[]) =>
    JSON.parse((await send(['--body', file, '--json', ...args])).stdout).body as string;
  expect(await sent()).toBe(pretty);
  const tampered = await sent('--tamper');
  expect(JSON.stringify(JSON.parse(tampered))).not.toBe(JSON.stringify(JSON.parse(pretty)));
  writeFileSync(file, 'no JSON');
  expect(await sent('--tamper')).not.toBe('no JSON');
  expect((await send(['--body', `${file}.missing`])).code).toBe(2);
});

test('a secret of another form is said, since half of the signatures is missing then', async () => {
  const { stderr } = await send([], { WEBHOOK_SECRET: 'plain-secret' });
  expect(stderr).toContain('only X-TopCalls-Signature is sent');
});

test('what is no URL is a wrong argument', async () => {
  const { code, stderr } = await runInProcess(sendTestCommand, ['localhost'], { WEBHOOK_SECRET: secret });
  expect([code, stderr]).toEqual([2, expect.stringContaining('must be a URL')]);
});

test('without a secret it says which variable is missing, and never shows one', async () => {
  const { code, stderr } = await send([], {});
  expect([code, stderr]).toEqual([2, expect.stringContaining('set WEBHOOK_SECRET')]);
  const json = await send(['--json']);
  expect(json.stdout + json.stderr).not.toContain(secret);
});

test('a private address other than this machine is refused by the sender’s own rules', async () => {
  const { code, stderr } = await runInProcess(sendTestCommand, ['http://10.0.0.1/hook'], { WEBHOOK_SECRET: secret });
  expect([code, stderr]).toEqual([1, expect.stringContaining('refused by the sender')]);
});

test('signTestRequest makes what verifyWebhook accepts, during a rotation and with an old time, too', () => {
  const event = { event: 'call.completed', call_id: 'c1', status: 'completed' };
  const { body, headers } = signTestRequest(event, generateSecret(), { previous: [secret], attempt: 2 });
  expect(verifyWebhook(body, headers, secret)).toMatchObject({ ok: true, event: 'call.completed' });
  expect(headers['x-topcalls-attempt']).toBe('2');
  expect(() => signTestRequest('x', undefined as never)).toThrow('must be the signing secret');
  const old = signTestRequest(event, secret, { at: new Date(Date.now() - 600_000), id: 'msg_old' });
  expect(verifyWebhook(old.body, old.headers, secret)).toMatchObject({ ok: false, code: 'timestamp_too_old' });
});
