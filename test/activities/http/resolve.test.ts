/** The resolver against a name server on loopback that answers, denies or is silent. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { createResolve } from '../../../activities/http/resolve.ts';
import { startNameServer } from '../../support/hostile-dns.ts';
import type { DnsAnswer, DnsScript } from '../../support/hostile-dns.ts';
import { endsAfter, stopClock } from '../../support/stopped-clock.ts';

let stop: (() => Promise<void>) | undefined;
afterEach(() => {
  jest.useRealTimers();
  return stop?.();
});

const answers =
  (a: DnsAnswer, aaaa: DnsAnswer = []): DnsScript =>
  ({ type }) =>
    type === 'A' ? a : aaaa;

async function resolveWith(script: DnsScript, deadlineMs = 20_000, signal = new AbortController().signal) {
  const nameServer = await startNameServer(script);
  stop = () => nameServer.stop();
  return createResolve({ deadlineMs, servers: [nameServer.server] })('hooks.example.com', signal);
}

test('addresses come as the name server gave them', async () => {
  const addresses = await resolveWith(answers(['93.184.216.34', '10.0.0.1']));
  expect(addresses.toSorted()).toEqual(['10.0.0.1', '93.184.216.34']);
});

test('a name server that is silent about AAAA does not hide the A answer', async () => {
  expect(await resolveWith(answers(['93.184.216.34'], 'silent'), 2_000)).toEqual(['93.184.216.34']);
});

test('H34: a name that does not exist is ENOTFOUND', async () => {
  await expect(resolveWith(answers('nxdomain'))).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('a name without addresses is ENODATA', async () => {
  await expect(resolveWith(answers([]))).rejects.toMatchObject({ code: 'ENODATA' });
});

test('H34: a name server that never answers is given up at our own deadline', async () => {
  const nameServer = await startNameServer(answers('silent', 'silent'));
  stop = () => nameServer.stop();
  stopClock();
  const answer = createResolve({ servers: [nameServer.server] })('hooks.example.com', new AbortController().signal);
  await expect(endsAfter(2_000, answer)).rejects.toMatchObject({ code: 'ECANCELLED' });
});

test('an attempt that ends takes its queries with it', async () => {
  const ending = new AbortController();
  const isAsked: DnsScript = () => {
    ending.abort();
    return 'silent';
  };
  const answer = resolveWith(isAsked, 60_000, ending.signal);
  await expect(answer).rejects.toMatchObject({ code: 'ECANCELLED' });
});
