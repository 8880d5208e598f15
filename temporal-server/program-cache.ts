/**
 * The folder that keeps downloaded programs: `$XDG_CACHE_HOME/topcalls-webhooks`, else `~/.cache/topcalls-webhooks`.
 * A program appears there by one atomic rename, so two processes that race both end with a whole file.
 */
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Env } from './env.ts';

// One hour: longer than any running download. A killed process left the older working folders.
const ABANDONED_AFTER_MS = 60 * 60 * 1000;
const WORKING_PREFIX = '.new-';

/** Path of the cache folder, which may not exist yet. A relative XDG_CACHE_HOME is ignored (XDG specification). So is a
 *  relative or empty HOME: programs of the cache are run, and the working directory may be anybody's. */
export function cacheFolder(env: Env): string {
  const { XDG_CACHE_HOME: xdg, HOME, USERPROFILE } = env;
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'topcalls-webhooks');
  const home = [HOME, USERPROFILE, homedir()].find((path) => path !== undefined && isAbsolute(path)) ?? '/';
  return join(home, '.cache', 'topcalls-webhooks');
}

/** Where a program of this name and version is kept. The name has platform and processor: home folders are shared. */
export function cachedPath(env: Env, name: string, version: string): string {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return join(cacheFolder(env), `${name}-${version}-${process.platform}-${process.arch}${suffix}`);
}

/** Whether there is a file that may be executed. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Lets `produce` make the program inside an empty working folder and moves it to `path`; returns `path`.
 * Rejects with what `produce` rejects with, or with the file system's error when the folder cannot be written.
 */
export async function keepInCache(
  env: Env,
  path: string,
  produce: (workingFolder: string) => Promise<string>,
): Promise<string> {
  const folder = cacheFolder(env);
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
  const working = await mkdtemp(join(folder, WORKING_PREFIX));
  try {
    const produced = await produce(working);
    // On one file system a rename is atomic; a copy that runs already keeps its own inode.
    await rename(produced, path).catch((error: unknown) => {
      // Windows does not replace a program that runs. The other process has then put the same bytes there.
      if (!isExecutable(path)) throw error;
    });
    return path;
  } finally {
    await rm(working, { recursive: true, force: true });
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(
    names
      .filter((name) => name.startsWith(WORKING_PREFIX))
      .map(async (name) => {
        const path = join(folder, name);
        const age = await stat(path).then(
          (s) => Date.now() - s.mtimeMs,
          () => 0,
        );
        if (age > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
      }),
  );
}
