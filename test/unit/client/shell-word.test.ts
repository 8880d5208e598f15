/** Commands that a person may paste: whatever others chose as a name, the shell takes it for one argument. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { shellWord } from '../../../client/shell-word.ts';
import { setCurrentCommand, unsetCurrentCommand } from '../../../client/worker-versions.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { ROOT } from '../../support/source-imports.ts';

const unit = fc.constantFrom(...Array.from('\'"`$\\!*?[]{}()<>|&;#~= \n\tab-/é\u202e'));
const names = fc.sample(fc.string({ unit, minLength: 1, maxLength: 12 }), 300);

/** What a program of the command gets, instead of which `printf` runs. */
function argumentsOf(commands: readonly string[]): string[] {
  const out = execFileSync('sh', ['-c', commands.map((each) => `printf '%s\\0' ${each}`).join('\n')]);
  return out.toString().split('\0').slice(0, -1);
}

test('any name is one word, and no home folder', () => {
  const all = [...names, '~', '~root', '~/x'];
  expect(argumentsOf(all.map(shellWord))).toEqual(all.map(oneLine));
  expect(shellWord('call-webhook/a~b')).toBe('call-webhook/a~b');
});

test('a version is made current under the name that its workers chose, and nothing else is run', () => {
  const seen = argumentsOf(
    names.flatMap((name) => [
      setCurrentCommand({ deploymentName: name, buildId: name }, name),
      unsetCurrentCommand({ deploymentName: name }),
    ]),
  );
  const [temporal, yes] = [['temporal', 'worker', 'deployment', 'set-current-version', '--deployment-name'], '--yes'];
  expect(seen).toEqual(
    names
      .map(oneLine)
      .flatMap((name) => [
        ...temporal,
        name,
        '--build-id',
        name,
        '--namespace',
        name,
        yes,
        ...temporal,
        name,
        '--unversioned',
        yes,
      ]),
  );
});

test('no command of ours or of temporal that is told has a name as it came', () => {
  const files = ['cli', 'client'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('demo') && !file.startsWith('dev'))
      .map((file) => join(room, file)),
  );
  // Names that others may choose, behind an option.
  const bare = /--(namespace|deployment-name|build-id|account|campaign|call|endpoint)[ =]\$\{(?!shellWord\()/;
  expect(files.filter((file) => bare.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});
