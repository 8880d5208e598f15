/** No two files import each other, directly or through others. Types count, and so does `import()`. */
import { describe, expect, it } from '@jest/globals';
import { circlesIn } from '../support/import-circles.ts';
import { FOLDERS, importsOf, sourceFiles } from '../support/source-imports.ts';

const files = [...FOLDERS, 'scripts', 'bench', 'test'].flatMap(sourceFiles);

describe('import circles', () => {
  it('there is none, types included', () => {
    const graph = new Map(
      files.map((file) => [file, importsOf(file).flatMap(({ to, isPackage }) => (isPackage ? [] : [to]))]),
    );
    expect(circlesIn(graph)).toEqual([]);
  });

  it('are named file by file, one line for each knot', () => {
    const graph = new Map([
      ['command.ts', ['words.ts', 'run.ts']],
      ['run.ts', ['words.ts', 'act.ts', 'command.ts']],
      ['act.ts', ['command.ts']],
      ['words.ts', []],
      ['self.ts', ['self.ts']],
    ]);
    expect(circlesIn(graph)).toEqual(['command.ts → run.ts → command.ts', 'self.ts → self.ts']);
  });
});
