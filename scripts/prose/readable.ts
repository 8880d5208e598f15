/**
 * What `npm run prose` finds in one file: sentences with too many words and lines with too many columns. Pure.
 * A Markdown page is prose as a whole. Of a source file only the comments are, while every line counts for its columns.
 */
import { commentTexts } from './comment-texts.ts';
import { sentencesOf, type Sentence } from './sentences.ts';

/** `source` is code that is shipped or run, `test` is below test/, `page` is Markdown. */
export type FileKind = 'source' | 'test' | 'page';

export type LongLine = { readonly line: number; readonly columns: number };

export type FileProse = {
  readonly path: string;
  readonly kind: FileKind;
  readonly longSentences: readonly Sentence[];
  readonly longLines: readonly LongLine[];
};

/** Kind of the file at `path` (from the root, with `/`), undefined when this report does not read it. */
export function kindOf(path: string): FileKind | undefined {
  if (path.endsWith('.md')) return 'page';
  if (!/\.(?:ts|mjs|cjs|js)$/.test(path)) return undefined;
  return path.startsWith('test/') ? 'test' : 'source';
}

/** Sentences above `maxWords` and lines above `maxColumns`. A page's lines are not measured, as Markdown may wrap
 *  anywhere. */
export function proseOf(path: string, text: string, maxWords: number, maxColumns: number): FileProse {
  const kind = kindOf(path) ?? 'page';
  const sentences =
    kind === 'page'
      ? sentencesOf(text)
      : commentTexts(path, text).flatMap((comment) =>
          sentencesOf(comment.text).map((it) => ({ ...it, line: it.line + comment.line - 1 })),
        );
  const lines = kind === 'page' ? [] : text.split('\n').map((it, index) => ({ line: index + 1, columns: it.length }));
  return {
    path,
    kind,
    longSentences: sentences.filter(({ words }) => words > maxWords),
    longLines: lines.filter(({ columns }) => columns > maxColumns),
  };
}
