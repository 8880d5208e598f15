/** The receiver for a host's tests, with requests that our own signer made. */
import { afterEach, expect, test } from '@jest/globals';
import { signTestRequest } from '../../../receiver/index.ts';
import { openReceiver, type TestReceiver, type TestReceiverOptions } from '../../../testing/index.ts';
import { SECRET } from '../../support/builders.ts';

let receiver: TestReceiver;
afterEach(() => receiver.close());

const BODY = '{"call_id":"call-1","event":"call.completed"}';

async function open(options: TestReceiverOptions = {}): Promise<void> {
  receiver = await openReceiver({ secret: SECRET, ...options });
}

function post(body = BODY, secret = SECRET): Promise<Response> {
  const { headers } = signTestRequest(body, secret, { id: 'msg_1' });
  return fetch(receiver.url, { method: 'POST', headers, body });
}

test('it records what came, verified, and answers 200', async () => {
  await open();
  expect((await post()).status).toBe(200);
  expect(receiver.webhooks).toMatchObject([
    {
      path: '/webhooks',
      text: BODY,
      body: { call_id: 'call-1' },
      id: 'msg_1',
      attempt: 1,
      verified: { ok: true, event: 'call.completed' },
    },
  ]);
});

test('a wrong signature is recorded and answered 401 with the fix, and uses up no answer', async () => {
  await open({ answers: [503, 200] });
  const answer = await post(BODY, 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD');
  expect([answer.status, await answer.json()]).toEqual([401, { code: expect.any(String), fix: expect.any(String) }]);
  expect((await post()).status).toBe(503);
  expect(receiver.webhooks.map(({ verified }) => verified?.ok)).toEqual([false, true]);
});

test('it answers as the test says, and the last answer repeats; without a secret it verifies nothing', async () => {
  receiver = await openReceiver({ answers: [503, { status: 410, headers: { 'x-a': 'b' }, body: 'gone' }] });
  const answers = [await post(), await post('no JSON'), await post()];
  expect(answers.map(({ status }) => status)).toEqual([503, 410, 410]);
  expect([answers[1]?.headers.get('x-a'), await answers[1]?.text()]).toEqual(['b', 'gone']);
  expect(receiver.webhooks.map(({ verified, body }) => [verified, body])).toEqual([
    [undefined, JSON.parse(BODY)],
    [undefined, undefined],
    [undefined, JSON.parse(BODY)],
  ]);
  receiver.answer('reset');
  await expect(post()).rejects.toThrow();
});

test('received(n) waits for n requests, and says how many came when the time is over', async () => {
  await open();
  const two = receiver.received(2);
  await post();
  await expect(receiver.received(2, { timeoutMs: 1 })).rejects.toThrow('1 of 2 webhooks came within 1 ms');
  await post();
  expect(await two).toHaveLength(2);
});
