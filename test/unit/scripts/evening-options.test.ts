/** `npm run evening -- --help` prints help and starts nothing. */
import { expect, test } from '@jest/globals';
import { EVENING_HELP, readEvening } from '../../system/evening/options.ts';

test('help is help, nothing starts the evening, and everything else is refused', () => {
  expect([readEvening([]), readEvening(['--help']), readEvening(['-h'])]).toEqual(['start', 'help', 'help']);
  for (const args of [['--nope'], ['help'], ['--calls', '3']]) expect(() => readEvening(args)).toThrow();
  expect(EVENING_HELP).toContain('docs/operate.md');
});
