/** TLS receivers on loopback: certificates are always verified, versions bounded, handshakes timed. */
import { afterEach, expect, test } from '@jest/globals';
import { parseEgressOptions } from '../../../contract/egress-policy.ts';
import { createWebhookSender } from '../../../activities/http/post.ts';
import type { PostResult } from '../../../activities/http/post.ts';
import {
  EXPIRED_CERTIFICATE,
  RECEIVER_KEY,
  SELF_SIGNED_CERTIFICATE,
  TEST_AUTHORITY,
  VALID_CERTIFICATE,
} from '../../support/hostile-certificates.ts';
import { answering, httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';

const policy = parseEgressOptions({ allowHttp: true, allowCidrs: ['127.0.0.0/8'] });
const ok = answering([httpAnswer('200 OK')]);
const valid = { key: RECEIVER_KEY, cert: VALID_CERTIFICATE };

let receiver: HostileReceiver | undefined;
afterEach(() => receiver?.stop());

async function attempt(
  running: HostileReceiver,
  { host = 'hooks.example.com', scheme = 'https', trusted = true } = {},
): Promise<PostResult> {
  receiver = running;
  const sender = createWebhookSender({
    policy,
    resolve: async () => ['127.0.0.1'],
    phases: { connectMs: 300 },
    deadlineMs: 1_000,
    ...(trusted ? { ca: TEST_AUTHORITY } : {}),
  });
  const result = await sender.post({ url: `${scheme}://${host}:${running.port}/`, headers: {}, body: '{}' });
  await running.allClosed();
  return result;
}

test('a receiver with a good certificate is delivered to, by name', async () => {
  expect(await attempt(await startReceiver(ok, valid))).toMatchObject({ outcome: 'delivered', code: 'http_200' });
});

test('a certificate for the address serves a literal URL', async () => {
  expect(await attempt(await startReceiver(ok, valid), { host: '127.0.0.1' })).toMatchObject({ outcome: 'delivered' });
});

test('H27: an expired certificate', async () => {
  const running = await startReceiver(ok, { key: RECEIVER_KEY, cert: EXPIRED_CERTIFICATE });
  expect(await attempt(running)).toMatchObject({ outcome: 'network', code: 'tls_expired' });
  expect(running.received()).toBe('');
});

test('H27: a self-signed certificate', async () => {
  const running = await startReceiver(ok, { key: RECEIVER_KEY, cert: SELF_SIGNED_CERTIFICATE });
  expect(await attempt(running)).toMatchObject({ outcome: 'network', code: 'tls_self_signed' });
  expect(running.received()).toBe('');
});

test('H27: an authority nobody knows', async () => {
  const running = await startReceiver(ok, valid);
  expect(await attempt(running, { trusted: false })).toMatchObject({ outcome: 'network', code: 'tls_untrusted' });
});

test('H27: a certificate for another host', async () => {
  const running = await startReceiver(ok, valid);
  expect(await attempt(running, { host: 'other.example.com' })).toMatchObject({
    outcome: 'network',
    code: 'tls_wrong_host',
  });
  expect(running.received()).toBe('');
});

test('H27: a receiver that speaks TLS 1.1 only', async () => {
  const old = { ...valid, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  expect(await attempt(await startReceiver(ok, old))).toMatchObject({ outcome: 'network', code: 'tls_version' });
});

test('H28: a handshake that never finishes ends at the connect deadline', async () => {
  const running = await startReceiver(() => undefined);
  expect(await attempt(running)).toMatchObject({ outcome: 'timeout', code: 'timeout_connect' });
});

test('H28: plain HTTP on an https port', async () => {
  expect(await attempt(await startReceiver(ok))).toMatchObject({ outcome: 'network', code: 'tls_failed' });
});

test('H29: an https port spoken to as http', async () => {
  const result = await attempt(await startReceiver(ok, valid), { scheme: 'http' });
  expect(result.outcome).not.toBe('delivered');
  expect(result.outcome).not.toBe('refused');
});

test('H30: a receiver that speaks HTTP/2 only', async () => {
  const running = await startReceiver(ok, { ...valid, ALPNProtocols: ['h2'] });
  expect(await attempt(running)).toMatchObject({ outcome: 'network', code: 'tls_failed' });
});
