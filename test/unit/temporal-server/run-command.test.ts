import { describe, expect, it } from '@jest/globals';
import { runCommand, telling } from '../../../temporal-server/run-command.ts';
import { bareMachine } from '../../support/bare-machine.ts';

const machine = bareMachine();
const run = (path: string, timeoutMs = 30_000) =>
  runCommand(path, [], { env: { PATH: process.env['PATH'] }, timeoutMs });

describe('a program', () => {
  it('that ends well is told with what it said', async () => {
    const path = machine.program('asks', 'echo answer; echo aside >&2');
    expect(await run(path)).toEqual({ outcome: 'ok', stdout: 'answer\n', stderr: 'aside\n' });
  });

  it('that fails is a value, not a rejection', async () => {
    expect(await run(machine.program('fails', 'echo "Error: no disk" >&2; exit 4'))).toEqual({
      outcome: 'failed',
      stdout: '',
      stderr: 'Error: no disk\n',
    });
  });

  it('that is not there, or may not be executed, is missing', async () => {
    expect(await run('/nowhere/temporal')).toMatchObject({ outcome: 'missing' });
    expect(await run(machine.home)).toMatchObject({ outcome: 'missing' });
  });

  it('that hangs is killed when its time is up', async () => {
    expect(await run(machine.program('hangs', 'exec sleep 600'), 100)).toMatchObject({ outcome: 'timedOut' });
  });
});

describe('the most telling line of stderr', () => {
  it.each([
    ['the last one that starts with "error"', 'error: one\nERROR: two\n  at a place\n', 'ERROR: two'],
    ['without one, the last one with text', 'warning: old\n  cannot start  \n\n', 'cannot start'],
    ['of nothing', '\n \n', 'it said nothing'],
  ])('%s', (_what, stderr, line) => {
    expect(telling(stderr)).toBe(line);
  });
});
