/** Ctrl-C and SIGTERM of a command that ends things in order. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { catchInterrupts, loseOutput } from '../../../../cli/process/interrupts.ts';

afterEach(() => void jest.restoreAllMocks());

test('the second interrupt ends the process at once, after the last words', () => {
  const told: string[] = [];
  jest.spyOn(process, 'exit').mockImplementation((code) => void told.push(`exit ${code}`) as never);
  const { signal, release } = catchInterrupts({ lastWords: () => void told.push('last words') });
  try {
    process.emit('SIGINT');
    expect([signal.aborted, told]).toEqual([true, []]);
    process.emit('SIGTERM');
    expect(told).toEqual(['last words', 'exit 130']);
  } finally {
    release();
  }
});

test('a lost output interrupts what would be left half done, and nothing that only reads', () => {
  const reading = catchInterrupts({ onlyReads: true });
  expect([loseOutput(), reading.signal.aborted]).toEqual([anActedBefore, false]);
  const acting = catchInterrupts();
  expect([loseOutput(), reading.signal.aborted, acting.signal.aborted]).toEqual([true, false, true]);
  for (const { release } of [reading, acting]) release();
  // What it says at its end still tells what it did.
  expect(loseOutput()).toBe(true);
});

/** The test above has acted in this process. */
const anActedBefore = true;
