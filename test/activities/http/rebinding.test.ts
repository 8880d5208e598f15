/**
 * Names that resolve to other addresses each time (DNS rebinding), from a real name server. FAULTS row F16.
 * test/integration/rebinding.test.ts tests the same through a whole ladder.
 */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import { createResolve } from '../../../activities/http/resolve.ts';
import { verdictOf } from '../../../activities/http/verdict.ts';
import { judgeAddress } from '../../../contract/egress/address-table.ts';
import { DEFAULT_EGRESS_POLICY, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { startCountingListener, watchDials } from '../../support/counting-listener.ts';
import type { CountingListener } from '../../support/counting-listener.ts';
import { startNameServer } from '../../support/hostile-dns.ts';
import type { DnsAnswer, NameServer } from '../../support/hostile-dns.ts';
import { answering, httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import { endsAfter, stopClock } from '../../support/stopped-clock.ts';

const PUBLIC = '93.184.216.34';
const NAME = 'hooks.example.com';

let listener: CountingListener;
let nameServer: NameServer;
/** Answers to the questions for an A record, one after the other; the last one repeats. AAAA gets the same answer. */
let script: DnsAnswer[];

beforeEach(async () => {
  listener = await startCountingListener();
  let answer: DnsAnswer = [];
  nameServer = await startNameServer(({ type }) => {
    if (type === 'A') answer = script.shift() ?? answer;
    return answer;
  });
});
afterEach(async () => {
  jest.useRealTimers();
  await listener.stop();
  await nameServer.stop();
});

const resolve = (name: string) => createResolve({ servers: [nameServer.server] })(name, new AbortController().signal);

async function post(egress = {}, host = NAME, port = listener.port) {
  const policy = parseEgressOptions({ allowHttp: true, ...egress });
  const sender = createWebhookSender({ policy, resolve: createResolve({ servers: [nameServer.server] }) });
  const result = await watchDials(() => sender.post({ url: `http://${host}:${port}/hook`, headers: {}, body: '{}' }));
  return { ...result, verdict: verdictOf(result) };
}
const REFUSED = { outcome: 'refused', code: 'address_resolved', verdict: 'retry', responseBytes: 0 };

describe('a name that is public when it is looked at and private when it is connected', () => {
  test.each([
    ['loopback', ['127.0.0.1']],
    ['loopback as IPv6', ['::1']],
    ['a private network', ['10.0.0.1']],
    ['the metadata address', ['169.254.169.254']],
    ['IPv4-mapped loopback', ['::ffff:127.0.0.1']],
    ['an alias of a private name', [{ cname: 'db.internal' }, '10.0.0.5']],
  ] satisfies Array<[string, DnsAnswer]>)('%s: no socket is opened', async (_title, turned) => {
    script = [[PUBLIC], turned];
    const looked = await resolve(NAME);
    expect(looked.map((address) => judgeAddress(address, DEFAULT_EGRESS_POLICY))).toEqual(['allowed']);
    expect(await post()).toMatchObject(REFUSED);
    expect(listener.dialled()).toBe(0);
  });
});

describe('one bad address among the answers refuses them all, wherever it stands', () => {
  test.each([
    ['first', ['127.0.0.1', PUBLIC, '93.184.216.35']],
    ['in the middle', [PUBLIC, '127.0.0.1', '93.184.216.35']],
    ['last', [PUBLIC, '93.184.216.35', '127.0.0.1']],
    ['in the other family', [PUBLIC, '::1']],
    ['behind an alias', [{ cname: 'a.example.com' }, { cname: 'b.example.com' }, PUBLIC, '192.168.0.1']],
  ] satisfies Array<[string, DnsAnswer]>)('%s: not even the public one is dialled', async (_title, answer) => {
    script = [answer];
    expect(await post()).toMatchObject(REFUSED);
    expect(listener.dialled()).toBe(0);
  });
});

test('each attempt asks anew: good, private, good again', async () => {
  script = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1']];
  const onlyOne = { allowCidrs: ['127.0.0.1/32'] };
  expect(await post(onlyOne)).toMatchObject({ outcome: 'delivered' });
  expect(await post(onlyOne)).toMatchObject(REFUSED);
  expect(listener.connections()).toBe(1);
  expect(await post(onlyOne)).toMatchObject({ outcome: 'delivered' });
  expect([listener.connections(), listener.dialled()]).toEqual([2, 2]);
  expect(nameServer.asked.filter(({ type }) => type === 'A')).toHaveLength(3);
});

test('the end that a connection really has is judged once more: not a byte is sent where it is another', async () => {
  // Linux connects 0.0.0.0 to loopback, so the address at the other end is not the allowed one.
  const receiver = await startReceiver(answering([httpAnswer('200 OK')]));
  try {
    expect(await post({ allowCidrs: ['0.0.0.0/8'] }, '0.0.0.0', receiver.port)).toMatchObject(REFUSED);
    await receiver.allClosed();
    expect(receiver.received()).toBe('');
  } finally {
    await receiver.stop();
  }
});

test('F13: four names on a silent name server hold up nobody else', async () => {
  await nameServer.stop();
  nameServer = await startNameServer(({ name }) => (name.startsWith('dead') ? 'silent' : ['127.0.0.1']));
  const loopback = { allowCidrs: ['127.0.0.0/8'] };
  // Only our own deadline ends the dead ones, and the clock stands still until then.
  stopClock();
  const dead = Promise.all(['dead1', 'dead2', 'dead3', 'dead4'].map((name) => post(loopback, `${name}.example.com`)));
  const good = await Promise.all(Array.from({ length: 40 }, () => post(loopback)));
  expect(good.map(({ outcome }) => outcome)).toEqual(Array(40).fill('delivered'));
  expect(await endsAfter(2_000, dead)).toEqual(
    Array(4).fill(expect.objectContaining({ code: 'timeout_dns', verdict: 'retry' })),
  );
});
