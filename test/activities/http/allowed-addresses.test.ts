/** Which addresses are dialled: at most four, of both families, and never one of this machine. */
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { addressesToDial, allowedAddresses, refusalOf } from '../../../activities/http/allowed-addresses.ts';
import { judgePeer } from '../../../activities/http/guarded-connector.ts';
import { ownAddresses, ownAddressesOnce } from '../../../activities/http/own-addresses.ts';
import { verdictOf } from '../../../activities/http/verdict.ts';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import { DEFAULT_EGRESS_POLICY, parseEgressOptions } from '../../../contract/egress/policy.ts';
import type { EgressOptions } from '../../../contract/egress/policy.ts';
import { startCountingListener, watchDials } from '../../support/counting-listener.ts';
import type { CountingListener } from '../../support/counting-listener.ts';

const PUBLIC = '93.184.216.34';
const PUBLIC_V6 = '2606:2800:220:1:248:1893:25c8:1946';

let listener: CountingListener;
beforeEach(async () => {
  listener = await startCountingListener();
});
afterEach(() => listener.stop());

type Settings = {
  readonly egress?: EgressOptions;
  readonly addresses?: readonly string[];
  readonly own?: readonly string[];
  readonly port?: number;
};

async function post(host: string, { egress = {}, addresses = [], own = [], port = listener.port }: Settings) {
  const sender = createWebhookSender({
    policy: parseEgressOptions({ allowHttp: true, ...egress }),
    resolve: async () => addresses,
    own: () => ownAddresses(() => own),
  });
  const result = await watchDials(() => sender.post({ url: `http://${host}:${port}/`, headers: {}, body: '{}' }));
  return { ...result, verdict: verdictOf(result) };
}

describe('an address of this machine is refused, and no socket is opened', () => {
  const REFUSED = { outcome: 'refused', code: 'address_own', verdict: 'retry', responseBytes: 0 };
  test.each([
    ['as a literal', PUBLIC, {}],
    ['as an IPv6 literal', `[${PUBLIC_V6}]`, {}],
    ['through a public name', 'hooks.example.com', { addresses: [PUBLIC] }],
    ['through a public name, IPv6', 'hooks.example.com', { addresses: [PUBLIC_V6] }],
    ['in another spelling', 'hooks.example.com', { addresses: ['2606:2800:220:1:0248:1893:25c8:1946'] }],
    ['IPv4-mapped', 'hooks.example.com', { addresses: ['::ffff:93.184.216.34'] }],
    ['as the last of many', 'hooks.example.com', { addresses: ['93.184.216.1', '93.184.216.2', PUBLIC] }],
    ['behind a NAT64', '[64:ff9b::5db8:d822]', { egress: { nat64Prefixes: ['64:ff9b::/96'] } }],
    [
      'behind a NAT64, through a public name',
      'hooks.example.com',
      { egress: { nat64Prefixes: ['2001:db80::/48'] }, addresses: ['2001:db80:0:5db8:d8:2200::'] },
    ],
    ['with another network allowed', PUBLIC, { egress: { allowCidrs: ['93.184.0.0/18'] } }],
  ] satisfies Array<[string, string, Settings]>)('%s', async (_how, host, settings) => {
    expect(await post(host, { own: ['10.0.0.7', PUBLIC, PUBLIC_V6], ...settings })).toMatchObject(REFUSED);
    expect(listener.dialled()).toBe(0);
  });
});

test('an own address that the operator allows is open', async () => {
  const egress = { allowCidrs: ['127.0.0.0/8'] };
  expect(await post('127.0.0.1', { egress, own: ['127.0.0.1'] })).toMatchObject({ outcome: 'delivered' });
});

test('the addresses of this machine are read anew for each attempt', async () => {
  const own: string[] = [];
  const settings = { own, port: 443, addresses: ['93.184.216.1', PUBLIC, '10.0.0.1'] };
  expect(await post('hooks.example.com', settings)).toMatchObject({ code: 'address_resolved' });
  own.push(PUBLIC);
  expect(await post('hooks.example.com', settings)).toMatchObject({ code: 'address_own' });
  own.pop();
  expect(await post('hooks.example.com', settings)).toMatchObject({ code: 'address_resolved' });
  expect(listener.dialled()).toBe(0);
});

test('they are read once for an attempt, and only for an address that they may refuse', () => {
  let reads = 0;
  const isOwn = ownAddressesOnce(() => {
    reads += 1;
    return ownAddresses(() => [PUBLIC]);
  });
  const allowing = parseEgressOptions({ allowCidrs: ['127.0.0.0/8'] });
  expect([refusalOf('127.0.0.1', allowing, isOwn), refusalOf('10.0.0.1', allowing, isOwn)]).toEqual([
    undefined,
    'address_resolved',
  ]);
  expect(reads).toBe(0);
  expect([refusalOf(PUBLIC, allowing, isOwn), refusalOf('93.184.216.1', allowing, isOwn)]).toEqual([
    'address_own',
    undefined,
  ]);
  expect(reads).toBe(1);
});

test('a peer that is this machine is refused, also where no interface has its address', () => {
  const judge = (remoteAddress: string, localAddress: string, own: readonly string[] = []) => {
    return () =>
      judgePeer(
        { remoteAddress, localAddress },
        DEFAULT_EGRESS_POLICY,
        ownAddresses(() => own),
      );
  };
  expect(judge(PUBLIC, '93.184.216.1')).not.toThrow();
  expect(judge(PUBLIC, '93.184.216.1', [PUBLIC])).toThrow('address_own');
  expect(judge(`::ffff:${PUBLIC}`, '93.184.216.1', [PUBLIC])).toThrow('address_own');
  expect(judge(PUBLIC, PUBLIC)).toThrow('address_own');
});

test('the own addresses are those that the operating system names', () => {
  const isOwn = ownAddresses();
  const named = Object.values(networkInterfaces()).flatMap((entries = []) => entries.map(({ address }) => address));
  expect(named.filter((address) => !isOwn(address))).toEqual([]);
  expect(named).toContain('127.0.0.1');
  expect([isOwn('::ffff:127.0.0.1'), isOwn(PUBLIC), isOwn('junk'), isOwn('')]).toEqual([true, false, false, false]);
});

describe('a name with many addresses', () => {
  const many = (count: number): string[] => {
    return Array.from(
      { length: count },
      (_, index) => `127.${1 + (index >> 14)}.${(index >> 7) & 127}.${1 + (index & 127)}`,
    );
  };
  const loopback = { allowCidrs: ['127.0.0.0/8'] };

  test.each([4, 5, 4_000])('of %i addresses that all refuse, four are dialled', async (count) => {
    const { port } = listener;
    await listener.stop();
    listener = await startCountingListener();
    expect(await post('hooks.example.com', { egress: loopback, addresses: many(count), port })).toMatchObject({
      code: 'connect_refused',
    });
    expect(listener.targets()).toEqual(many(4).map((address) => `${address}:${port}`));
  });

  test('all 4,000 are judged: a bad one at the end refuses them all, and nothing is dialled', async () => {
    const addresses = [...many(3_999), '10.0.0.1'];
    expect(await post('hooks.example.com', { egress: loopback, addresses })).toMatchObject({
      code: 'address_resolved',
    });
    expect(listener.dialled()).toBe(0);
  });

  test.each([
    [63, 0],
    [64, 1],
    [65, 1],
    [128, 2],
    [4_000, 62],
  ])('while %i of them are judged, the rest of the process has %i turns', async (addresses, expected) => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const guard = { policy: parseEgressOptions(loopback), resolve: async () => many(addresses) };
    await allowedAddresses('hooks.example.com', guard, new AbortController().signal);
    isOver = true;
    expect(turns).toBe(expected);
  });

  test('an attempt that ends meanwhile ends the judging', async () => {
    const ending = new AbortController();
    setImmediate(() => ending.abort(new Error('over')));
    const guard = { policy: parseEgressOptions(loopback), resolve: async () => many(4_000) };
    await expect(allowedAddresses('hooks.example.com', guard, ending.signal)).rejects.toThrow('over');
  });
});

test.each([
  [
    ['a', 'b', 'c', 'd', 'e'].map((last) => `192.0.2.${last.charCodeAt(0)}`),
    ['192.0.2.97', '192.0.2.98', '192.0.2.99', '192.0.2.100'],
  ],
  [
    ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '2001:db8::2'],
    ['192.0.2.1', '2001:db8::1', '192.0.2.2', '2001:db8::2'],
  ],
  [
    ['2001:db8::1', '192.0.2.1', '192.0.2.2', '192.0.2.3'],
    ['2001:db8::1', '192.0.2.1', '192.0.2.2', '192.0.2.3'],
  ],
  [
    ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['192.0.2.1', '192.0.2.2'],
  ],
  [['192.0.2.1'], ['192.0.2.1']],
  [[], []],
])('of %j these are dialled: %j', (addresses, dialled) => {
  expect(addressesToDial(addresses, 4)).toEqual(dialled);
});
