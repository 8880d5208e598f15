/** Versions that have to agree, and packages that may be there once only. */
import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../contract/version.ts';
import packageJson from '../../package.json';
import { ROOT } from '../support/source-imports.ts';

/** Installed versions of a package, wherever npm has put it. */
function installed(name: string, folder = join(ROOT, 'node_modules')): string[] {
  const own = join(folder, name, 'package.json');
  const here = existsSync(own) ? [(JSON.parse(readFileSync(own, 'utf8')) as { version: string }).version] : [];
  const nested = packageFolders(folder)
    .map((each) => join(each, 'node_modules'))
    .filter((each) => existsSync(each))
    .flatMap((each) => installed(name, each));
  return [...here, ...nested];
}

function packageFolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap((entry) =>
      entry.name.startsWith('@')
        ? readdirSync(join(folder, entry.name)).map((name) => join(folder, entry.name, name))
        : [join(folder, entry.name)],
    );
}

test('the version that the User-Agent tells is the package’s', () => {
  expect(VERSION).toBe(packageJson.version);
});

test('protobufjs 8 is there once: with two copies, histories cannot be read from JSON', () => {
  const eights = installed('protobufjs').filter((version) => version.startsWith('8.'));
  expect(eights).toHaveLength(1);
});

test.each(['client', 'common', 'worker', 'workflow', 'activity', 'proto', 'testing'])(
  '@temporalio/%s is there once, in one version with the others',
  (name) => {
    const [version, ...others] = installed(`@temporalio/${name}`);
    expect(others).toEqual([]);
    expect(version).toBe(installed('@temporalio/worker')[0]);
  },
);

test('undici is of major 7, the last that loads on Node 20', () => {
  expect(installed('undici')[0]).toMatch(/^7\./);
  expect(packageJson.dependencies.undici).toMatch(/^\^7\./);
});
