/**
 * The comments of a source file as text. Neighbouring `//` lines are one comment, as a reader takes them. Pure.
 * A parser finds them: a hand-made scan would fail on regular expressions and templates. Babel's parser is here already
 * with Jest. Unlike oxc's it is CommonJS, which Jest can load.
 */
import { parse, type ParserPlugin } from '@babel/parser';

/** A comment without its markers, and the line it starts on (1-based). */
export type CommentText = { readonly line: number; readonly text: string };

/** Every comment of `source`. `filename` tells TypeScript from JavaScript. */
export function commentTexts(filename: string, source: string): readonly CommentText[] {
  const found: { line: number; text: string; end: number; isLine: boolean }[] = [];
  const plugins: ParserPlugin[] = filename.endsWith('.ts')
    ? ['typescript', 'explicitResourceManagement', 'decorators-legacy']
    : [];
  const { comments } = parse(source, { sourceType: 'unambiguous', errorRecovery: true, plugins });
  for (const { type, value, start = 0, end = 0 } of comments ?? []) {
    const previous = found.at(-1);
    if (type === 'CommentLine' && previous?.isLine === true && /^\n[ \t]*$/.test(source.slice(previous.end, start))) {
      previous.text += `\n${value}`;
      previous.end = end;
    } else {
      const text = type === 'CommentLine' ? value : value.replaceAll(/^[ \t]*\*+ ?/gm, '').trimEnd();
      found.push({ line: lineAt(source, start), text, end, isLine: type === 'CommentLine' });
    }
  }
  return found.map(({ line, text }) => ({ line, text }));
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}
