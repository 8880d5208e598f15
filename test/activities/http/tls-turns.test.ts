/** Steps of TLS take turns with everything else, and hosts share the time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createTurns } from '../../../activities/http/tls-turns.ts';

/** A queue on a clock that only the steps move. */
function queueOnClock(turnMs: number) {
  let now = 0;
  const ran: string[] = [];
  const turns = createTurns(turnMs, () => now);
  const step = (host: string, name: string, costMs: number): void => {
    turns(host, () => {
      ran.push(name);
      now += costMs;
    });
  };
  return { ran, step };
}

test('a step never runs at once, and a turn ends when its time is over', async () => {
  const { ran, step } = queueOnClock(5);
  for (const name of ['1', '2', '3', '4']) step('a', name, 3);
  expect(ran).toEqual([]);
  await nextTurn();
  expect(ran).toEqual(['1', '2']);
  await nextTurn();
  expect(ran).toEqual(['1', '2', '3', '4']);
});

test('one step that takes long is alone in its turn', async () => {
  const { ran, step } = queueOnClock(5);
  for (const name of ['1', '2', '3']) step('a', name, 100);
  for (const expected of [['1'], ['1', '2'], ['1', '2', '3']]) {
    await nextTurn();
    expect(ran).toEqual(expected);
  }
});

test('a host whose steps are costly does not delay the others: whoever used the least goes next', async () => {
  const { ran, step } = queueOnClock(1_000);
  for (const name of ['costly 1', 'costly 2', 'costly 3']) step('costly.example.com', name, 30);
  for (let count = 1; count <= 5; count += 1) step('good.example.com', `good ${count}`, 2);
  await nextTurn();
  expect(ran).toEqual(['costly 1', 'good 1', 'good 2', 'good 3', 'good 4', 'good 5', 'costly 2', 'costly 3']);
});

test('a host that comes late is not let in before those that wait with as little time used', async () => {
  const { ran, step } = queueOnClock(10);
  for (const name of ['a 1', 'a 2', 'a 3']) step('a', name, 10);
  await nextTurn();
  step('b', 'b 1', 10);
  await nextTurn();
  await nextTurn();
  await nextTurn();
  expect(ran).toEqual(['a 1', 'b 1', 'a 2', 'a 3']);
});

test('a step may put in another', async () => {
  const ran: string[] = [];
  const turns = createTurns(5);
  turns('a', () => {
    ran.push('outer');
    turns('a', () => void ran.push('inner'));
  });
  await nextTurn();
  await nextTurn();
  expect(ran).toEqual(['outer', 'inner']);
});
