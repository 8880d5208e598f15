/** What others wrote is shown as text: it drives no terminal, and is no Markdown and no HTML. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { logFields } from '../../../contract/log-fields.ts';
import { codeSpan, oneLine } from '../../../contract/shown-text.ts';
import { DRIVES_A_SCREEN, HOSTILE_TEXTS, hostileText } from '../../support/hostile-text.ts';

test.each<[string, string]>([
  ['plain text, with Grüße, 電話 📞❤️', 'plain text, with Grüße, 電話 📞❤️'],
  ['\u001b[2J', '\\u001b[2J'],
  ['\u009b2J', '\\u009b2J'],
  ['a\r\n\tb', 'a\\u000d\\u000a\\u0009b'],
  ['exe\u202egnp', 'exe\\u202egnp'],
  ['a\u200bb', 'a\\u200bb'],
  ['\u{e0041}', '\\udb40\\udc41'],
  ['half \ud83d', 'half \\ud83d'],
])('%j is shown as %j', (text, shown) => {
  expect(oneLine(text)).toBe(shown);
});

test('no text keeps a character that drives a screen, and a text without one stays as it is', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const shown = oneLine(text);
      expect(shown).not.toMatch(DRIVES_A_SCREEN);
      expect(oneLine(shown)).toBe(shown);
    }),
    { numRuns: 2_000 },
  );
});

test('inside JSON the escapes mean the same characters', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(JSON.parse(oneLine(JSON.stringify({ text })))).toEqual({ text });
    }),
  );
});

test('a code span of Markdown begins and ends with the only backticks, on one line', () => {
  for (const text of HOSTILE_TEXTS) expect(codeSpan(text)).toMatch(/^`[^`\n]*`$/);
  fc.assert(
    fc.property(hostileText, (text) => {
      const span = codeSpan(text);
      expect(span).toMatch(/^`[^`]*`$/);
      expect(span).not.toMatch(DRIVES_A_SCREEN);
      // The Web UI replaces these before it reads Markdown.
      expect(span).not.toMatch(/\{(namespace|workflowId|runId)\}/);
    }),
    { numRuns: 2_000 },
  );
});

test('fields of log lines are cleaned as deep as they go, and numbers and errors stay', () => {
  const error = new Error('x');
  const fields = { id: 'a\u001bb', list: ['c\u202ed', 1], deep: { ['k\n']: { e: '\u009b' } }, error, n: 1, no: null };
  expect(logFields(fields)).toEqual({
    id: 'a\\u001bb',
    list: ['c\\u202ed', 1],
    deep: { 'k\\u000a': { e: '\\u009b' } },
    error,
    n: 1,
    no: null,
  });
});
