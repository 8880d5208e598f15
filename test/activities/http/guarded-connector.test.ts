/** Where a socket may open: names with bad answers, literals, and addresses that are never dialled. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DEFAULT_EGRESS_POLICY, LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import type { EgressOptions } from '../../../contract/egress/policy.ts';
import { guardedConnector, judgePeer } from '../../../activities/http/guarded-connector.ts';
import { pinnedLookup } from '../../../activities/http/pinned-socket.ts';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import type { Resolve } from '../../../activities/http/resolve.ts';
import { answering, httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';

let receiver: HostileReceiver;
beforeEach(async () => {
  receiver = await startReceiver(answering([httpAnswer('200 OK')]));
});
afterEach(() => receiver.stop());

const answers = (...addresses: string[]): Resolve => {
  return async () => addresses;
};

function post(hostname: string, egress: EgressOptions, resolve?: Resolve, connectMs = 1_000) {
  const policy = parseEgressOptions({ allowHttp: true, ...egress });
  const sender = createWebhookSender({ policy, phases: { connectMs }, ...(resolve === undefined ? {} : { resolve }) });
  return sender.post({ url: `http://${hostname}:${receiver.port}/`, headers: {}, body: '{}' });
}

describe('a name that resolves to a forbidden address is refused with no socket opened', () => {
  test.each([
    ['loopback', ['127.0.0.1']],
    ['loopback as IPv6', ['::1']],
    ['IPv4-mapped loopback', ['::ffff:127.0.0.1']],
    ['a mix of public and loopback', ['93.184.216.34', '127.0.0.1']],
    ['a public A and a private AAAA', ['93.184.216.34', 'fd00::1']],
    ['the unspecified address', ['0.0.0.0']],
    ['the metadata address', ['169.254.169.254']],
    ['a zone id', ['fe80::1%lo']],
    ['another spelling of loopback', ['0x7f.1']],
    ['junk', ['not an address']],
  ])('%s', async (_title, addresses) => {
    expect(await post('hooks.example.com', {}, answers(...addresses))).toMatchObject({
      outcome: 'refused',
      code: 'address_resolved',
      responseBytes: 0,
    });
    expect(receiver.connections()).toBe(0);
  });
});

test('rebinding: each attempt resolves anew, so a name that turns to loopback after a good answer is refused', async () => {
  const script = [['127.0.0.1'], ['10.0.0.1', '127.0.0.1']];
  const resolve: Resolve = async () => script.shift() ?? [];
  const egress = { allowCidrs: ['127.0.0.0/8'] };
  expect(await post('hooks.example.com', egress, resolve)).toMatchObject({ outcome: 'delivered' });
  expect(await post('hooks.example.com', egress, resolve)).toMatchObject({ code: 'address_resolved' });
  expect(receiver.connections()).toBe(1);
});

test('the address that was judged is the one that is dialled: one lookup per attempt', async () => {
  const resolve = jest.fn<Resolve>(async () => ['127.0.0.1']);
  await post('hooks.example.com', { allowCidrs: ['127.0.0.0/8'] }, resolve);
  expect(resolve).toHaveBeenCalledTimes(1);
  expect(receiver.connections()).toBe(1);
  expect(receiver.received()).toContain(`host: hooks.example.com:${receiver.port}`);
});

test('a name without addresses is dns_empty', async () => {
  expect(await post('hooks.example.com', {}, answers())).toMatchObject({ outcome: 'network', code: 'dns_empty' });
});

test.each([
  ['ENOTFOUND', 'network', 'dns_not_found'],
  ['ENODATA', 'network', 'dns_empty'],
  ['ESERVFAIL', 'network', 'dns_failed'],
  ['ECANCELLED', 'timeout', 'timeout_dns'],
])('H34: a resolver that says %s ends as %s / %s', async (code, outcome, expected) => {
  const failing: Resolve = () => Promise.reject(Object.assign(new Error(`query${code} hooks.example.com`), { code }));
  expect(await post('hooks.example.com', {}, failing)).toMatchObject({ outcome, code: expected });
});

test('H34: a resolver that hangs ends at the connect deadline, and is told so', async () => {
  let told = false;
  const hanging: Resolve = (_hostname, signal) => {
    signal.addEventListener('abort', () => (told = true));
    return new Promise(() => undefined);
  };
  expect(await post('hooks.example.com', {}, hanging, 100)).toMatchObject({ outcome: 'timeout', code: 'timeout_dns' });
  expect(told).toBe(true);
});

test('localhost is answered with loopback where it is an allowed host, and no resolver is asked', async () => {
  const resolve = jest.fn<Resolve>(async () => ['93.184.216.34']);
  expect(await post('localhost', LOOPBACK_EGRESS, resolve)).toMatchObject({ outcome: 'delivered' });
  expect(resolve).not.toHaveBeenCalled();
});

test('an allowed host name alone opens no network: localhost without allowCidrs is refused', async () => {
  expect(await post('localhost', { allowHosts: ['localhost'] })).toMatchObject({ code: 'address_resolved' });
  expect(receiver.connections()).toBe(0);
});

test('an allowed host that is no localhost goes through the resolver', async () => {
  const egress = { allowHosts: ['crm.internal'], allowCidrs: ['127.0.0.0/8'] };
  expect(await post('crm.internal', egress, answers('127.0.0.1'))).toMatchObject({ outcome: 'delivered' });
});

describe('the connector by itself', () => {
  const connect = (
    hostname: string,
    connector = guardedConnector({ policy: DEFAULT_EGRESS_POLICY, resolve: answers(), signal }),
  ) =>
    new Promise((resolve) => {
      connector({ hostname, protocol: 'http:', port: String(receiver.port) }, (error, socket) =>
        resolve(error ?? socket),
      );
    });
  const { signal } = new AbortController();

  test.each(['127.0.0.1', '::1', '[::1]', '::ffff:7f00:1', 'fe80::1%lo', '0.0.0.0'])(
    'refuses the literal %s itself, since a literal never reaches a lookup',
    async (literal) => {
      expect(await connect(literal)).toMatchObject({ name: 'GuardedConnectError', code: 'address' });
      expect(receiver.connections()).toBe(0);
    },
  );

  test('opens one connection only: undici must not send an event again on its own', async () => {
    const policy = parseEgressOptions(LOOPBACK_EGRESS);
    const ending = new AbortController();
    const connector = guardedConnector({ policy, resolve: answers(), signal: ending.signal });
    expect(await connect('127.0.0.1', connector)).toHaveProperty('remoteAddress', '127.0.0.1');
    expect(await connect('127.0.0.1', connector)).toMatchObject({ code: 'connection_closed' });
    ending.abort();
    await receiver.allClosed();
    expect(receiver.connections()).toBe(1);
  });

  test('an attempt that is over before it connects opens nothing', async () => {
    const ended = AbortSignal.abort(new Error('over'));
    const connector = guardedConnector({
      policy: parseEgressOptions(LOOPBACK_EGRESS),
      resolve: answers(),
      signal: ended,
    });
    expect(await connect('127.0.0.1', connector)).toMatchObject({ message: 'over' });
    expect(receiver.connections()).toBe(0);
  });
});

test('the connected peer is judged once more', () => {
  expect(() => judgePeer({ remoteAddress: '93.184.216.34' }, DEFAULT_EGRESS_POLICY)).not.toThrow();
  expect(() => judgePeer({ remoteAddress: '::ffff:10.0.0.1' }, DEFAULT_EGRESS_POLICY)).toThrow('address_resolved');
  expect(() => judgePeer({}, DEFAULT_EGRESS_POLICY)).toThrow('connection_reset');
});

test('the pinned lookup answers in both forms node asks for', () => {
  const lookup = pinnedLookup(['192.0.2.1', '2001:db8::1']);
  const answer = jest.fn();
  lookup('x', { all: true }, answer);
  lookup('x', {}, answer);
  lookup('x', { family: 6 }, answer);
  expect(answer.mock.calls).toEqual([
    [
      null,
      [
        { address: '192.0.2.1', family: 4 },
        { address: '2001:db8::1', family: 6 },
      ],
    ],
    [null, '192.0.2.1', 4],
    [null, '2001:db8::1', 6],
  ]);
});
