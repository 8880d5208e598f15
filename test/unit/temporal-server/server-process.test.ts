import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServerProcess } from '../../../temporal-server/server-process.ts';
import { bareMachine } from '../../support/bare-machine.ts';
import { isRunning } from '../../support/is-running.ts';

const machine = bareMachine();

describe('a started server', () => {
  test('that ends at once is an error with what it said', async () => {
    const binary = machine.program('temporal', 'echo "Error: disk full" >&2; exit 3');
    await expect(startServerProcess({ binary, env: machine.env })).rejects.toMatchObject({
      code: 'SERVER_START',
      reason: 'it ended with 3 before it was ready (Error: disk full)',
    });
  });

  test('that never answers is killed when its time is up', async () => {
    const binary = machine.program('temporal', `echo $$ > ${join(machine.home, 'pid')}; exec sleep 600`);
    const env = { ...machine.env, PATH: process.env['PATH'] };
    await expect(startServerProcess({ binary, env, readyWithinMs: 500 })).rejects.toThrow(/not ready after 0.5 s/);
    expect(isRunning(Number(readFileSync(join(machine.home, 'pid'), 'utf8')))).toBe(false);
  });
});
