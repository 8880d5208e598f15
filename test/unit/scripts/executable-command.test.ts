/** `npx topcalls-webhooks` in a clone, also after a second build: npx makes the command executable only once. */
import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import packageJson from '../../../package.json';

test('each build leaves an executable command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'build-'));
  try {
    const command = join(folder, packageJson.bin['topcalls-webhooks']);
    mkdirSync(dirname(command), { recursive: true });
    // As tsc writes it.
    writeFileSync(command, '#!/usr/bin/env node\n', { mode: 0o644 });
    execFileSync('sh', ['-c', packageJson.scripts.postbuild], { cwd: folder });
    expect(statSync(command).mode & 0o111).toBe(0o111);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
