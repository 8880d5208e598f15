/** `npm run evening -- --help` prints help and starts nothing. */
import { expect, test } from '@jest/globals';
import { EVENING_HELP, howToGoOn, readEvening } from '../../system/evening/options.ts';

test('help is help, nothing starts the evening, and everything else is refused', () => {
  expect([readEvening([]), readEvening(['--help']), readEvening(['-h'])]).toEqual(['start', 'help', 'help']);
  for (const args of [['--nope'], ['help'], ['--calls', '3']]) expect(() => readEvening(args)).toThrow();
  expect(EVENING_HELP).toContain('docs/operate.md');
});

test('the evening says how the commands are called, what to paste, where the log is, and what ends it', () => {
  const env = { TEMPORAL_ADDRESS: '127.0.0.1:7', TOPCALLS_TASK_QUEUE: 'q' };
  const said = howToGoOn({
    env,
    webUiUrl: 'http://127.0.0.1:8',
    metrics: '127.0.0.1:9',
    logFile: '/tmp/e/workers.log',
    workerPid: 4711,
  });
  const pasted = said.split('\n').filter((line) => !line.startsWith('#'));
  expect(pasted).toEqual(["export TEMPORAL_ADDRESS='127.0.0.1:7'", "export TOPCALLS_TASK_QUEUE='q'", '']);
  for (const words of [
    'npm run build',
    'npx topcalls-webhooks ',
    'Ctrl-C',
    'kill -TERM 4711',
    '/tmp/e/workers.log',
    'http://127.0.0.1:8',
  ])
    expect(said).toContain(words);
});
