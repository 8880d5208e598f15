/** However many ask for metrics, the doctor looks once per interval. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { atMostEvery } from '../../../../cli/commands/doctor/serve-metrics.ts';

afterEach(() => void jest.useRealTimers());

test('the answer is kept for the interval, and one look serves all who ask meanwhile', async () => {
  let nowMs = 0;
  let looks = 0;
  let end = (_text: string): void => {};
  const read = () => {
    looks += 1;
    return new Promise<string>((resolve) => {
      end = resolve;
    });
  };
  const current = atMostEvery(30_000, read, () => nowMs);
  const [one, other] = [current(), current()];
  nowMs = 100_000;
  const third = current();
  end('first');
  expect(await Promise.all([one, other, third])).toEqual(['first', 'first', 'first']);
  nowMs += 29_999;
  expect(await current()).toBe('first');
  expect(looks).toBe(1);
  nowMs += 1;
  const next = current();
  end('second');
  expect(await next).toBe('second');
  expect(looks).toBe(2);
});

test('a look that failed is not kept', async () => {
  let looks = 0;
  const current = atMostEvery(30_000, async () => {
    looks += 1;
    if (looks === 1) throw new Error('no');
    return 'yes';
  });
  await expect(current()).rejects.toThrow('no');
  expect(await current()).toBe('yes');
});

test('a look that never ends is given up, and the next one who asks looks anew', async () => {
  jest.useFakeTimers();
  let looks = 0;
  const current = atMostEvery(30_000, () => {
    looks += 1;
    return looks === 1 ? new Promise<string>(() => {}) : Promise.resolve('well again');
  });
  const hanging = expect(current()).rejects.toThrow('looking took longer than 120 s, so it was given up');
  await jest.advanceTimersByTimeAsync(120_000);
  await hanging;
  expect(await current()).toBe('well again');
});
