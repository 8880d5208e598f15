/** How many handshakes are in progress, who waits, and who is next. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { MAX_HANDSHAKES, MAX_HANDSHAKES_PER_HOST } from '../../../activities/http/attempt-bounds.ts';
import { createHandshakeQueue } from '../../../activities/http/handshake-queue.ts';
import type { Leave } from '../../../activities/http/handshake-queue.ts';

/** A queue, and the names of those whose turn has come. */
function observed(caps: { readonly perHost: number; readonly inAll: number }) {
  const queue = createHandshakeQueue(caps);
  const entered: string[] = [];
  const leaving = new Map<string, Leave>();
  const come = async (name: string, signal = new AbortController().signal): Promise<void> => {
    const [host = ''] = name.split(' ');
    const leave = await queue.enter(host, signal);
    entered.push(name);
    leaving.set(name, leave);
  };
  const go = async (name: string): Promise<void> => {
    leaving.get(name)?.();
    await nextTurn();
  };
  return { entered, come, go };
}

test('as many as the cap of a host are in progress, the others come in their order', async () => {
  const { entered, come, go } = observed({ perHost: 2, inAll: 10 });
  for (const name of ['a 1', 'a 2', 'a 3', 'a 4']) void come(name);
  await nextTurn();
  expect(entered).toEqual(['a 1', 'a 2']);
  await go('a 2');
  expect(entered).toEqual(['a 1', 'a 2', 'a 3']);
  await go('a 1');
  expect(entered).toEqual(['a 1', 'a 2', 'a 3', 'a 4']);
});

test.each([
  ['one host', 1, 64, 64],
  ['one host', 1, 65, 64],
  ['one host', 1, 2_000, 64],
  ['a host for each', 2_000, 256, 256],
  ['a host for each', 2_000, 257, 256],
  ['a host for each', 2_000, 2_000, 256],
])(
  'with the bounds of a worker and %s (of %i): of %i handshakes %i are in progress',
  async (_who, hosts, count, begun) => {
    const { entered, come } = observed({ perHost: MAX_HANDSHAKES_PER_HOST, inAll: MAX_HANDSHAKES });
    for (let index = 0; index < count; index += 1) void come(`host${index % hosts} ${index}`);
    await nextTurn();
    expect(entered).toHaveLength(begun);
  },
);

test('a full host delays no other', async () => {
  const { entered, come } = observed({ perHost: 1, inAll: 10 });
  for (const name of ['a 1', 'a 2', 'b 1']) void come(name);
  await nextTurn();
  expect(entered).toEqual(['a 1', 'b 1']);
});

test('at the cap of all, the hosts take turns', async () => {
  const { entered, come, go } = observed({ perHost: 2, inAll: 2 });
  for (const name of ['a 1', 'a 2', 'a 3', 'a 4', 'b 1', 'b 2', 'c 1']) void come(name);
  await nextTurn();
  for (const name of ['a 1', 'a 2', 'a 3', 'b 1', 'c 1']) await go(name);
  expect(entered).toEqual(['a 1', 'a 2', 'a 3', 'b 1', 'c 1', 'a 4', 'b 2']);
});

test('one that gives up leaves no gap, and hears its own reason', async () => {
  const { entered, come, go } = observed({ perHost: 1, inAll: 1 });
  const ending = new AbortController();
  void come('a 1');
  const waiting = come('a 2', ending.signal);
  void come('a 3');
  ending.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  await go('a 1');
  expect(entered).toEqual(['a 1', 'a 3']);
});

test('one that is over before it comes does not enter', async () => {
  const { entered, come } = observed({ perHost: 1, inAll: 1 });
  await expect(come('a 1', AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  void come('a 2');
  await nextTurn();
  expect(entered).toEqual(['a 2']);
});

test('leaving twice frees one place', async () => {
  const { entered, come, go } = observed({ perHost: 1, inAll: 1 });
  for (const name of ['a 1', 'a 2', 'a 3']) void come(name);
  await nextTurn();
  await go('a 1');
  await go('a 1');
  expect(entered).toEqual(['a 1', 'a 2']);
});
