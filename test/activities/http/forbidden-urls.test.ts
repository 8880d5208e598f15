/**
 * The connector alone: `postOnce` does not apply the URL rules. Every spelling of a forbidden host must still end
 * before a socket is opened. FAULTS row F15.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createResolve } from '../../../activities/http/resolve.ts';
import { postOnce } from '../../../activities/http/post-once.ts';
import { METADATA_ADDRESSES } from '../../../contract/egress/address-table.ts';
import { DEFAULT_EGRESS_POLICY, parseEgressOptions } from '../../../contract/egress/policy.ts';
import type { EgressOptions, EgressPolicy } from '../../../contract/egress/policy.ts';
import { judgeWebhookUrl } from '../../../contract/egress/url-rules.ts';
import { startCountingListener, watchDials } from '../../support/counting-listener.ts';
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
  const request = { url: url.replace('PORT', String(listener.port)), headers: {}, body: '{}' };
  return watchDials(() => postOnce(request, settings));
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

describe('what operators list is applied where the socket opens', () => {
  const answered = async (egress: EgressOptions, ...addresses: string[]) => {
    const settings = { policy: parseEgressOptions(egress), resolve: async () => addresses };
    const url = `http://hooks.example.com:${listener.port}/hook`;
    return (await watchDials(() => postOnce({ url, headers: {}, body: '{}' }, settings))).code;
  };
  const literal = async (egress: EgressOptions, host: string) =>
    (await send(`http://${host}:PORT/hook`, parseEgressOptions(egress))).code;
  const everything = {
    allowHttp: true,
    allowHosts: ['metadata.google.internal'],
    allowCidrs: [
      '169.254.0.0/16',
      '168.0.0.0/8',
      '100.0.0.0/8',
      '192.0.0.0/8',
      'fd00::/16',
      'fd20::/16',
      '64:ff9b::/96',
    ],
    nat64Prefixes: ['64:ff9b::/96'],
  };

  test.each(METADATA_ADDRESSES.map(({ address }) => address))(
    '%s is a metadata service: allowed by nothing',
    async (address) => {
      expect(await literal(everything, address.includes(':') ? `[${address}]` : address)).toBe('address');
      expect(await answered(everything, address)).toBe('address_resolved');
      if (address.includes(':')) return;
      expect(await literal(everything, `[64:ff9b::${address}]`)).toBe('address');
      expect(await answered(everything, `::ffff:${address}`)).toBe('address_resolved');
    },
  );

  test('denyCidrs wins over allowCidrs', async () => {
    const egress = { allowCidrs: ['127.0.0.0/8'], denyCidrs: ['127.0.0.0/30'] };
    expect(await literal(egress, '127.0.0.1')).toBe('address');
    expect(await answered(egress, '127.0.0.1')).toBe('address_resolved');
    expect(await answered(egress, '127.0.0.4', '127.0.0.1')).toBe('address_resolved');
  });

  test('an address under a NAT64 prefix is judged by the IPv4 inside', async () => {
    const egress = { nat64Prefixes: ['64:ff9b::/96'] };
    expect(await literal(egress, '[64:ff9b::10.0.0.1]')).toBe('address');
    expect(await answered(egress, '64:ff9b::127.0.0.1')).toBe('address_resolved');
  });

  test('and nobody was dialled', () => {
    expect(listener.dialled()).toBe(0);
  });
});

test('with the URL rules, each is refused before anything is resolved', () => {
  const policy = parseEgressOptions({ allowHttp: true });
  const urls = [...LITERAL_URLS, ...NAME_URLS, ...UNREADABLE_URLS].map((url) => url.replace('PORT', '8443'));
  const passed = urls.filter((url) => judgeWebhookUrl(url, policy).ok);
  // These names look like public ones. Only their addresses show that they are not.
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
