/**
 * What a name server may answer, from a real one: every address that must not be reached, in every form in which a DNS
 * answer can bring it. Nothing is dialled then. The last list is answered well, and delivered.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createResolve } from '../../../activities/http/resolve.ts';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import { parseEgressOptions } from '../../../contract/egress/policy.ts';
import type { EgressOptions } from '../../../contract/egress/policy.ts';
import { startCountingListener, watchDials } from '../../support/counting-listener.ts';
import type { CountingListener } from '../../support/counting-listener.ts';
import { startNameServer } from '../../support/hostile-dns.ts';
import type { DnsAnswer, NameServer } from '../../support/hostile-dns.ts';

const PUBLIC = '93.184.216.34';
const PUBLIC_V6 = '2606:2800:220:1:248:1893:25c8:1946';

let nameServer: NameServer;
let listener: CountingListener;
let answer: DnsAnswer = [];
let dialledBefore = 0;
beforeAll(async () => {
  nameServer = await startNameServer(() => answer);
  listener = await startCountingListener({ host: '127.0.0.1' });
});
beforeEach(() => {
  dialledBefore = listener.dialled();
});
afterAll(async () => {
  await nameServer.stop();
  await listener.stop();
});

async function post(answered: DnsAnswer, egress: EgressOptions = {}) {
  answer = answered;
  const sender = createWebhookSender({
    policy: parseEgressOptions({ allowHttp: true, ...egress }),
    resolve: createResolve({ servers: [nameServer.server] }),
  });
  return watchDials(() => sender.post({ url: `http://hooks.example.com:${listener.port}/`, headers: {}, body: '{}' }));
}

describe('an answer with a forbidden address is refused, and nothing is dialled', () => {
  test.each([
    ['loopback', ['127.0.0.1']],
    ['loopback, another of the network', ['127.255.255.254']],
    ['this network', ['0.0.0.0']],
    ['this network, another', ['0.1.2.3']],
    ['private 10/8', ['10.255.255.255']],
    ['private 172.16/12, its first', ['172.16.0.0']],
    ['private 172.16/12, its last', ['172.31.255.255']],
    ['private 192.168/16', ['192.168.1.1']],
    ['carrier-grade NAT', ['100.64.0.1']],
    ['link-local', ['169.254.1.1']],
    ['metadata', ['169.254.169.254']],
    ['metadata of a public number', ['168.63.129.16']],
    ['multicast', ['224.0.0.1']],
    ['broadcast', ['255.255.255.255']],
    ['reserved', ['240.0.0.1']],
    ['documentation', ['192.0.2.1']],
    ['benchmarks', ['198.18.0.1']],
    ['IPv6 loopback', ['::1']],
    ['IPv6 unspecified', ['::']],
    ['IPv4-mapped loopback', ['::ffff:127.0.0.1']],
    ['IPv4-mapped metadata', ['::ffff:169.254.169.254']],
    ['IPv4-compatible loopback', ['::127.0.0.1']],
    ['IPv4-translated', ['::ffff:0:10.0.0.1']],
    ['NAT64 of loopback', ['64:ff9b::7f00:1']],
    ['local NAT64', ['64:ff9b:1::a00:1']],
    ['6to4 of a private address', ['2002:a00:1::1']],
    ['Teredo', ['2001:0:53aa:64c:0:0:f5ff:fffe']],
    ['unique local', ['fd12:3456:789a::1']],
    ['link-local IPv6', ['fe80::1']],
    ['site-local IPv6', ['fec0::1']],
    ['multicast IPv6', ['ff02::1']],
    ['metadata IPv6', ['fd00:ec2::254']],
    ['documentation IPv6', ['2001:db8::1']],
    ['not assigned IPv6', ['4000::1']],
    ['a public one first', [PUBLIC, '10.0.0.1']],
    ['a public one last', ['10.0.0.1', PUBLIC]],
    ['a public A and a private AAAA', [PUBLIC, 'fd00::1']],
    ['a private A and a public AAAA', ['10.0.0.1', PUBLIC_V6]],
    ['an alias of a private name', [{ cname: 'db.internal' }, '10.0.0.1']],
    ['a chain of aliases', [{ cname: 'a.example.net' }, { cname: 'b.example.net' }, '127.0.0.1']],
    ['a chain of aliases, one answer of them private', [{ cname: 'a.example.net' }, PUBLIC, '192.168.0.1']],
    [
      'twenty public ones and a private one',
      [...Array.from({ length: 20 }, (_, last) => `93.184.216.${last}`), '10.0.0.1'],
    ],
  ] satisfies Array<[string, DnsAnswer]>)('%s', async (_what, answered) => {
    expect(await post(answered)).toMatchObject({ outcome: 'refused', code: 'address_resolved', responseBytes: 0 });
    expect(listener.dialled()).toBe(dialledBefore);
  });
});

test.each([
  ['a name that does not exist', 'nxdomain', 'dns_not_found'],
  ['a name without addresses', [], 'dns_empty'],
  ['an alias without addresses', [{ cname: 'a.example.net' }], 'dns_empty'],
  ['a name server that says nothing', 'silent', 'timeout_dns'],
] satisfies Array<[string, DnsAnswer, string]>)('%s: %j is %s', async (_what, answered, code) => {
  expect(await post(answered)).toMatchObject({ code });
  expect(listener.dialled()).toBe(dialledBefore);
});

describe('an answer that is allowed is delivered', () => {
  const loopback = { allowCidrs: ['127.0.0.0/8'] };
  test.each([
    ['one address', ['127.0.0.1']],
    ['the same address again and again', Array.from({ length: 20 }, () => '127.0.0.1')],
    ['behind a chain of aliases', [{ cname: 'a.example.net' }, { cname: 'b.example.net' }, '127.0.0.1']],
    ['the fourth of many, where the others refuse', ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.1', '127.0.0.5']],
  ] satisfies Array<[string, DnsAnswer]>)('%s', async (_what, answered) => {
    expect(await post(answered, loopback)).toMatchObject({ outcome: 'delivered' });
  });
});
