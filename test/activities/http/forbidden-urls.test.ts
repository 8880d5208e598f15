/**
 * The connector by itself: the URL rules are left out (`sendOnce` is the POST below them), and every spelling of a
 * forbidden host still ends before a socket is opened. FAULTS row F15.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createResolve } from '../../../activities/http/resolve.ts';
import { sendOnce } from '../../../activities/http/send-once.ts';
import { DEFAULT_EGRESS_POLICY, parseEgressOptions } from '../../../contract/egress-policy.ts';
import type { EgressPolicy } from '../../../contract/egress-policy.ts';
import { judgeWebhookUrl } from '../../../contract/webhook-url.ts';
import { startCountingListener } from '../../support/counting-listener.ts';
import type { CountingListener } from '../../support/counting-listener.ts';
import { LITERAL_URLS, NAME_URLS, UNREADABLE_URLS } from '../../support/forbidden-urls.ts';
import { startNameServer } from '../../support/hostile-dns.ts';
import type { NameServer } from '../../support/hostile-dns.ts';

let listener: CountingListener;
let nameServer: NameServer;
beforeAll(async () => {
  listener = await startCountingListener();
  nameServer = await startNameServer(() => ['127.0.0.1', '::1']);
});
afterAll(async () => {
  await listener.stop();
  await nameServer.stop();
});

function send(url: string, policy: EgressPolicy = DEFAULT_EGRESS_POLICY) {
  const settings = { policy, resolve: createResolve({ servers: [nameServer.server] }) };
  return sendOnce({ url: url.replace('PORT', String(listener.port)), headers: {}, body: '{}' }, settings);
}

describe('without the URL rules, the connector opens no socket', () => {
  test.each(LITERAL_URLS)('%j: the address is judged', async (url) => {
    expect(await send(url)).toEqual({ outcome: 'refused', code: 'address', responseBytes: 0 });
  });

  test.each(NAME_URLS)('%j: the addresses of the name are judged', async (url) => {
    expect(await send(url)).toEqual({ outcome: 'refused', code: 'address_resolved', responseBytes: 0 });
  });

  test.each(UNREADABLE_URLS)('%j: nothing can be sent there', async (url) => {
    expect(await send(url)).toEqual({ outcome: 'network', code: 'request_invalid', responseBytes: 0 });
  });

  test('over 140 spellings, and nobody was dialled or came', () => {
    expect(LITERAL_URLS.length + NAME_URLS.length + UNREADABLE_URLS.length).toBeGreaterThan(140);
    expect(listener.dialled()).toBe(0);
    expect(listener.connections()).toBe(0);
  });
});

test('with the URL rules, each is refused before anything is resolved', () => {
  const policy = parseEgressOptions({ allowHttp: true });
  const urls = [...LITERAL_URLS, ...NAME_URLS, ...UNREADABLE_URLS].map((url) => url.replace('PORT', '8443'));
  const passed = urls.filter((url) => judgeWebhookUrl(url, policy).ok);
  // Names of a form that public names have: only their addresses tell.
  expect(passed.map((url) => new URL(url).hostname)).toEqual([
    'localhost.localdomain',
    '127.0.0.1.nip.io',
    '7f000001.rbndr.us',
    'hooks.example.com',
    'xn--bcher-kva.example',
    'kubernetes.default.svc',
  ]);
});

test('the listener would have been reached: with loopback allowed the same spellings arrive', async () => {
  const loopback = parseEgressOptions({ allowCidrs: ['127.0.0.0/8', '0.0.0.0/8', '::/16'] });
  const plain = [...LITERAL_URLS, ...NAME_URLS].filter((url) => !url.startsWith('https'));
  const results = await Promise.all(plain.map((url) => send(url, loopback)));
  const arrived = plain.filter((_, index) => results[index]?.outcome === 'delivered');
  expect(arrived.length).toBeGreaterThan(60);
  expect(listener.connections()).toBe(arrived.length);
  expect(listener.dialled()).toBeGreaterThanOrEqual(arrived.length);
});
