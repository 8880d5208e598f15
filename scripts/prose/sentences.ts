/**
 * Splits English into sentences, for the report of `npm run prose`. Pure.
 * A sentence ends at `.`, `!` or `?` before a space, or with its paragraph. A colon or a semicolon does not end one, as
 * the reader has to keep the first half in mind.
 */

/** A sentence, the line it starts on (1-based, within the text given), and how many words it has. */
export type Sentence = { readonly line: number; readonly text: string; readonly words: number };

/** Sentences of a comment or of a Markdown page. Code blocks have none; a cell of a table is a paragraph of its own. */
export function sentencesOf(text: string): readonly Sentence[] {
  return paragraphsOf(text).flatMap(({ line, lines }) => {
    const found: Sentence[] = [];
    let offset = 0;
    const joined = lines.join('\n');
    for (const part of joined.split(SENTENCE_END)) {
      const start = joined.indexOf(part, offset);
      const lead = part.length - part.trimStart().length;
      const before = joined.slice(0, start + lead).split('\n').length - 1;
      offset = start + part.length;
      const plain = part.replaceAll(/\s+/g, ' ').trim();
      if (plain !== '') found.push({ line: line + before, text: plain, words: countWords(plain) });
    }
    return found;
  });
}

/** Words a reader reads: inline code and a link's text count, a link's address and lone punctuation do not. */
export function countWords(sentence: string): number {
  return sentence
    .replaceAll(/`[^`]*`/g, 'code')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

// Not after an abbreviation, nor after the number of a list's entry.
const SENTENCE_END = /(?<=[.!?]["'`)\]*_”’]*)(?<!\b(?:e\.g|i\.e|vs|cf|approx|resp)\.)\s+/;

type Paragraph = { readonly line: number; readonly lines: string[] };

function paragraphsOf(text: string): readonly Paragraph[] {
  const found: Paragraph[] = [];
  let open: Paragraph | undefined;
  let inFence = false;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    if (/^\s*(```|~~~)/.test(raw)) {
      inFence = !inFence;
      open = undefined;
    } else if (inFence || raw.trim() === '' || isCode(raw, open)) {
      open = undefined;
    } else if (raw.trimStart().startsWith('|')) {
      open = undefined;
      for (const cell of raw.split(/(?<!\\)\|/)) found.push({ line, lines: [cell] });
    } else if (open === undefined || STARTS_PARAGRAPH.test(raw)) {
      open = { line, lines: [raw.replace(MARKER, '')] };
      found.push(open);
      if (/^#{1,6}\s/.test(raw)) open = undefined;
    } else {
      open.lines.push(raw);
    }
  }
  return found;
}

const MARKER = /^\s*(?:#{1,6}|[-*+•]|\d+[.)]|>)\s+/;
const STARTS_PARAGRAPH = /^\s*(?:#{1,6}\s|[-*+•]\s|\d+[.)]\s|>\s|@[a-z])/;

/** An indented line that begins a paragraph, or follows a sentence or a colon, is code. Comments indent by two, pages
 *  by four. */
function isCode(raw: string, open: Paragraph | undefined): boolean {
  const last = open?.lines.at(-1);
  const indented = /^ {2}/.test(raw) && !STARTS_PARAGRAPH.test(raw);
  return indented && (last === undefined || /[.:]\s*$/.test(last));
}
