/**
 * TLS receivers in good order, by name and by address, and one with a certificate that nobody signed. Those that
 * misbehave are in the lab.
 */
import { afterEach, expect, test } from '@jest/globals';
import { parseEgressOptions } from '../../../contract/egress/policy.ts';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import type { PostResult } from '../../../activities/http/webhook-sender.ts';
import { RECEIVER_KEY, TEST_AUTHORITY, VALID_CERTIFICATE } from '../../support/hostile-certificates.ts';
import { answering, httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';

const policy = parseEgressOptions({ allowHttp: true, allowCidrs: ['127.0.0.0/8'] });
const ok = answering([httpAnswer('200 OK')]);
const valid = { key: RECEIVER_KEY, cert: VALID_CERTIFICATE };

let receiver: HostileReceiver | undefined;
afterEach(() => receiver?.stop());

async function attempt(
  running: HostileReceiver,
  { host = 'hooks.example.com', trusted = true } = {},
): Promise<PostResult> {
  receiver = running;
  const sender = createWebhookSender({
    policy,
    resolve: async () => ['127.0.0.1'],
    ...(trusted ? { ca: TEST_AUTHORITY } : {}),
  });
  const result = await sender.post({ url: `https://${host}:${running.port}/`, headers: {}, body: '{}' });
  await running.allClosed();
  return result;
}

test('a receiver with a good certificate is delivered to, by name', async () => {
  expect(await attempt(await startReceiver(ok, valid))).toMatchObject({ outcome: 'delivered', code: 'http_200' });
});

test('a certificate for the address serves a literal URL', async () => {
  expect(await attempt(await startReceiver(ok, valid), { host: '127.0.0.1' })).toMatchObject({ outcome: 'delivered' });
});

test('a certificate of an authority nobody knows is tls_untrusted', async () => {
  const running = await startReceiver(ok, valid);
  expect(await attempt(running, { trusted: false })).toMatchObject({ outcome: 'network', code: 'tls_untrusted' });
});
