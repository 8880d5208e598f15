/** What a command says while it waits, by a clock of the test's. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { tellWaits } from '../../../../cli/process/tell-waits.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function aTerminal(isLive: boolean) {
  const said: string[] = [];
  const shown: string[] = [];
  return {
    isLive,
    say: (line = '') => void said.push(line),
    live: (line: string) => void shown.push(line),
    said,
    shown,
  };
}

test('in a log every 5 s is a line, as long as there is something to wait for', () => {
  const terminal = aTerminal(false);
  let words: string | undefined;
  const waits = tellWaits(terminal, () => words);
  jest.advanceTimersByTime(5_000);
  words = '1 waits';
  waits.show();
  expect(terminal.said).toEqual([]);
  jest.advanceTimersByTime(10_000);
  expect(terminal.said).toEqual(['1 waits', '1 waits']);
  waits.end();
  jest.advanceTimersByTime(60_000);
  expect(terminal.said).toHaveLength(2);
});

test('on a screen one line is rewritten every second, and removed at the end', () => {
  const terminal = aTerminal(true);
  const waits = tellWaits(terminal, () => '1 waits');
  jest.advanceTimersByTime(2_000);
  waits.end();
  expect([terminal.said, terminal.shown]).toEqual([[], ['1 waits', '1 waits', '']]);
});
