import { describe, expect, it } from '@jest/globals';
import { commentTexts } from '../../../scripts/prose/comment-texts.ts';
import { kindOf, proseOf } from '../../../scripts/prose/readable.ts';
import { countWords, sentencesOf } from '../../../scripts/prose/sentences.ts';

const texts = (text: string): readonly string[] => sentencesOf(text).map((it) => it.text);
const words = (count: number): string => Array.from({ length: count }, (_, index) => `word${index + 1}`).join(' ');

describe('sentencesOf', () => {
  it('splits at a full stop, a question mark and an exclamation mark', () => {
    expect(texts('Who calls it? The worker does. Stop!')).toEqual(['Who calls it?', 'The worker does.', 'Stop!']);
  });

  it('keeps clauses behind a colon or a semicolon in their sentence', () => {
    expect(texts('One thing: another; a third.')).toEqual(['One thing: another; a third.']);
  });

  it('keeps file names, numbers and abbreviations whole', () => {
    expect(texts('See names.ts for 1.5 s, e.g. the limit. Then stop.')).toEqual([
      'See names.ts for 1.5 s, e.g. the limit.',
      'Then stop.',
    ]);
  });

  it('splits behind a closing quote or bracket', () => {
    expect(texts('It says "stop." (So it stops.) Then `x.` ends.')).toEqual([
      'It says "stop."',
      '(So it stops.)',
      'Then `x.`',
      'ends.',
    ]);
  });

  it('joins the lines of a paragraph and says on which line a sentence starts', () => {
    expect(sentencesOf('First one. Second\ngoes on.\n\nThird.')).toEqual([
      { line: 1, text: 'First one.', words: 2 },
      { line: 1, text: 'Second goes on.', words: 3 },
      { line: 4, text: 'Third.', words: 1 },
    ]);
  });

  it('takes headings, list entries, quotes, tags and cells of a table for paragraphs', () => {
    const text = '# Title\nbody\n- one\n- two\n  more\n1. three\n> quote\n@returns four\n\n| a | b |\n| c | d |';
    expect(texts(text)).toEqual([
      'Title',
      'body',
      'one',
      'two more',
      'three',
      'quote',
      '@returns four',
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  it('finds no sentences in blocks of code', () => {
    expect(texts('Before.\n```ts\nconst a = 1. b\n```\nAfter:\n  npm run x\n    npm run y\n')).toEqual([
      'Before.',
      'After:',
    ]);
  });
});

describe('countWords', () => {
  it('counts inline code as one word, a link by its text, and no lone punctuation', () => {
    expect(countWords('Call `a b c` – see [the page](docs/x.md#y z) → done')).toBe(6);
  });
});

describe('commentTexts', () => {
  it('takes off the markers and joins line comments that follow each other', () => {
    const source =
      "/**\n * One.\n *  Two.\n */\nconst a = '// no'; // three\n// four\n\n// five\nconst b = /\\/\\/ no/;\n";
    expect(commentTexts('a.ts', source)).toEqual([
      { line: 1, text: '\nOne.\n Two.' },
      { line: 5, text: ' three\n four' },
      { line: 8, text: ' five' },
    ]);
  });
});

describe('proseOf', () => {
  it('finds a long sentence across the lines of a comment, and a line with too many columns', () => {
    const source = `const a = 1;\n/**\n * Short.\n * ${words(15)}\n * ${words(16)}.\n */\n// ${'x'.repeat(118)}\n`;
    expect(proseOf('contract/a.ts', source, 30, 120)).toEqual({
      path: 'contract/a.ts',
      kind: 'source',
      longSentences: [{ line: 4, text: `${words(15)} ${words(16)}.`, words: 31 }],
      longLines: [{ line: 7, columns: 121 }],
    });
  });

  it('leaves alone what is at the limits, strings of code, and the columns of a page', () => {
    expect(
      proseOf('contract/a.ts', `// ${words(15)}\n// ${words(15)}.\nconst a = '${words(15)}';`, 30, 120),
    ).toMatchObject({
      longSentences: [],
      longLines: [],
    });
    expect(proseOf('docs/a.md', 'x'.repeat(200), 30, 120)).toMatchObject({ longSentences: [], longLines: [] });
  });

  it('tells sources from tests and pages, and skips the rest', () => {
    expect(['bench/a.ts', 'test/a.ts', 'docs/a.md', 'scripts/a.mjs', 'a.json'].map(kindOf)).toEqual([
      'source',
      'test',
      'page',
      'source',
      undefined,
    ]);
  });
});
