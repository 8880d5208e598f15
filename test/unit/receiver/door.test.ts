import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join(__dirname, '../../..');

/** Every module that loading `file` loads, as paths from the root or package names; type-only imports load nothing. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = readFileSync(join(ROOT, file), 'utf8');
  for (const [, typeOnly, specifier = ''] of source.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)';/gms)) {
    if (typeOnly !== undefined) continue;
    if (specifier.startsWith('.')) loadedBy(relative(ROOT, join(ROOT, dirname(file), specifier)), seen);
    else seen.add(specifier);
  }
  return seen;
}

it('the receiver door loads node:crypto and plain files of ours, and no package', () => {
  const loaded = [...loadedBy('receiver/index.ts')];
  expect(loaded.filter((name) => !name.endsWith('.ts'))).toEqual(['node:crypto']);
  expect(loaded).toContain('signature/verify.ts');
  expect(loaded.filter((name) => !/^(receiver|signature|contract)\/[a-z-]+\.ts$/.test(name))).toEqual(['node:crypto']);
});
