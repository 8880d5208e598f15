import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { cachedPath, cacheFolder, keepInCache } from '../../../temporal-server/program-cache.ts';
import { bareMachine } from '../../support/bare-machine.ts';

const machine = bareMachine();

describe('the cache folder', () => {
  it.each([
    [{ HOME: '/home/ann' }, '/home/ann/.cache/topcalls-webhooks'],
    [{ HOME: '/home/ann', XDG_CACHE_HOME: '/var/cache/ann' }, '/var/cache/ann/topcalls-webhooks'],
    // The XDG specification says that relative paths are ignored.
    [{ HOME: '/home/ann', XDG_CACHE_HOME: 'cache' }, '/home/ann/.cache/topcalls-webhooks'],
  ])('of %j is %s', (env, folder) => {
    expect(cacheFolder(env)).toBe(folder);
  });

  it.each(['', '.', 'home', './home', '../home'])('is never below the working directory, also with HOME=%j', (home) => {
    for (const env of [{ HOME: home }, { HOME: home, XDG_CACHE_HOME: '' }, { USERPROFILE: home }]) {
      expect(isAbsolute(cacheFolder(env))).toBe(true);
      // As on a machine that says nothing of a home.
      expect(cacheFolder(env)).toBe(cacheFolder({}));
    }
  });

  it('keeps a program of each version apart', () => {
    expect(cachedPath(machine.env, 'temporal', '1.9.1')).not.toBe(cachedPath(machine.env, 'temporal', '1.9.2'));
  });

  it('ends with one whole file where two processes fetch the same program', async () => {
    const path = cachedPath(machine.env, 'temporal', '1.9.1');
    const fetch = () =>
      keepInCache(machine.env, path, async (folder) => {
        writeFileSync(join(folder, 'temporal'), 'program');
        return join(folder, 'temporal');
      });
    expect(await Promise.all([fetch(), fetch()])).toEqual([path, path]);
    expect(readFileSync(path, 'utf8')).toBe('program');
    expect(readdirSync(cacheFolder(machine.env))).toHaveLength(1);
  });

  it('keeps nothing of a download that failed', async () => {
    const path = cachedPath(machine.env, 'temporal', '1.9.1');
    const failing = keepInCache(machine.env, path, () => Promise.reject(new Error('no network')));
    await expect(failing).rejects.toThrow('no network');
    expect(readdirSync(cacheFolder(machine.env))).toEqual([]);
  });
});
