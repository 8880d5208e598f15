/** Runs the gate: the present contract breaks no release of this major version. */
import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../../../contract/version.ts';
import { breakingChanges, type Contract } from '../../../../scripts/contract/breaking-changes.ts';
import { PUBLISHED } from '../../../../scripts/contract/documents.ts';
import { ROOT } from '../../../support/source-imports.ts';
import { present } from './changed-contract.ts';

const RELEASED = join(ROOT, PUBLISHED, 'released');
const major = (version: string): string => version.split('.')[0] ?? '';
const releases = readdirSync(RELEASED).filter((version) => major(version) === major(VERSION));

/** The contract of a version that was released. */
function released(version: string): Contract {
  const folder = join(RELEASED, version);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  return new Map(files.map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown]));
}

describe('the present contract', () => {
  it.each(releases)('breaks no receiver that was built for %s', (version) => {
    expect(breakingChanges(released(version), present())).toEqual([]);
  });

  it('is compared with a release whose documents are all there', () => {
    expect(releases).not.toEqual([]);
    for (const version of releases) expect(existsSync(join(RELEASED, version, 'openapi.json'))).toBe(true);
    expect(released(releases[0]!).size).toBeGreaterThan(8);
  });
});
