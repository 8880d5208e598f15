/** Ctrl-C and SIGTERM of a command that ends things in order. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { catchInterrupts } from '../../../../cli/process/interrupts.ts';

afterEach(() => void jest.restoreAllMocks());

test('the second interrupt ends the process at once, after the last words', () => {
  const told: string[] = [];
  jest.spyOn(process, 'exit').mockImplementation((code) => void told.push(`exit ${code}`) as never);
  const { signal, release } = catchInterrupts(() => void told.push('last words'));
  try {
    process.emit('SIGINT');
    expect([signal.aborted, told]).toEqual([true, []]);
    process.emit('SIGTERM');
    expect(told).toEqual(['last words', 'exit 130']);
  } finally {
    release();
  }
});
