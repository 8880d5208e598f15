/**
 * `npm run prose`: prints sentences above 30 words in comments, docstrings and Markdown pages, and lines above 120
 * columns in code, file by file, with counts. It is a report and exits with 0. The two --max options make it a gate.
 *
 *   npm run prose -- contract worker      only files whose path starts with these words
 *   npm run prose -- --words 25           another limit of words (--columns likewise)
 *   npm run prose -- --json               for programs
 *   npm run prose -- --max-sentences 3 --max-lines 3     exits with 1 above that, counted in sources
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kindOf, proseOf, type FileKind, type FileProse } from './prose/readable.ts';

const root = join(__dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    words: { type: 'string', default: '30' },
    columns: { type: 'string', default: '120' },
    json: { type: 'boolean', default: false },
    'max-sentences': { type: 'string' },
    'max-lines': { type: 'string' },
  },
});

const files = readableFiles(positionals).map((path) =>
  proseOf(path, readFileSync(join(root, path), 'utf8'), Number(values.words), Number(values.columns)),
);
const counts = Object.fromEntries(
  (['source', 'test', 'page'] as const).map((kind) => [kind, countsOf(files.filter((it) => it.kind === kind))]),
) as Record<FileKind, { sentences: number; lines: number }>;

if (values.json) console.log(JSON.stringify({ counts, files: files.filter(hasFindings) }, undefined, 2));
else print();

const tooMany = [
  over('sentences', counts.source.sentences, values['max-sentences']),
  over('lines', counts.source.lines, values['max-lines']),
].filter((it) => it !== undefined);
for (const problem of tooMany) console.error(problem);
process.exitCode = tooMany.length === 0 ? 0 : 1;

/** Tracked and new files; what git ignores is not ours. Published schemas are generated. */
function readableFiles(starts: readonly string[]): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  return listed
    .toString()
    .split('\n')
    .filter((path) => kindOf(path) !== undefined && existsSync(join(root, path)))
    .filter((path) => starts.length === 0 || starts.some((start) => path.startsWith(start.replace(/^\.\//, ''))))
    .toSorted();
}

function hasFindings({ longSentences, longLines }: FileProse): boolean {
  return longSentences.length + longLines.length > 0;
}

function countsOf(some: readonly FileProse[]): { sentences: number; lines: number } {
  return {
    sentences: some.reduce((sum, { longSentences }) => sum + longSentences.length, 0),
    lines: some.reduce((sum, { longLines }) => sum + longLines.length, 0),
  };
}

function print(): void {
  for (const { path, longSentences, longLines } of files.filter(hasFindings)) {
    console.log(`${path}: ${longSentences.length} sentences, ${longLines.length} lines`);
    for (const { line, words, text } of longSentences) console.log(`  ${line}: ${words} words: ${text}`);
    for (const { line, columns } of longLines) console.log(`  ${line}: ${columns} columns`);
  }
  const limits = `(above ${values.words} words, above ${values.columns} columns)`;
  for (const [kind, { sentences, lines }] of Object.entries(counts)) {
    console.log(`${kind}s: ${sentences} sentences, ${lines} lines ${limits}`);
  }
}

function over(what: string, found: number, allowed: string | undefined): string | undefined {
  if (allowed === undefined || found <= Number(allowed)) return undefined;
  return `${found} long ${what} in sources, ${allowed} allowed: see the list above`;
}
