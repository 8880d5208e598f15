/** Text as somebody writes it who wants to drive the screen of the person who reads it. */
import * as fc from 'fast-check';

/** Texts of which every sink has to show nothing but characters. */
export const HOSTILE_TEXTS = [
  '\u001b[2J\u001b[1;1Herror: none, all is well',
  '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007',
  '\u001b]0;title\u0007\u001bP+q\u001b\\\u001b^x\u001b\\',
  '\u009b31mC1\u009d0;title\u009c\u0085\u008d',
  'a\r\nb\u2028c\u2029d\u000be\u000cf\u0000g\u0008h\u007fi\tj',
  'invoice\u202egnp.exe \u2066x\u2069 \u200fy\u061c',
  'zero\u200b\u200c\u200d\u2060\ufeff\u00adwidth \u3164\uffa0\u115f\u180e',
  '\u{e0001}\u{e0041}\u{e007f} tags, half a pair \ud83d and \udca9',
  '[click](https://evil.example) ![x](https://evil.example/i.png) <https://evil.example>',
  '<img src=x onerror=alert(1)><script>alert(1)</script><a href="https://evil.example">x</a>&lt;b&gt;',
  'https://evil.example www.evil.example me@evil.example',
  '`a` ``b`` ```js\nc\n``` ~~~\nd\n~~~ \\` \\[x\\](y)',
  '# h\n\n- item\n1. item\n> quote\n\n| a | b |\n|---|---|\n***\n**b** __u__ ~~s~~ $x^2$ :smile:',
  '{workflowId} {runId} {namespace} {{x}} ${y} %s %j',
] as const;

const piece = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.constantFrom(
    ...Array.from('`*_[]()<>!#|~\\{}&$:/@.-+>="\''),
    '\u001b',
    '\u009b',
    '\n',
    '\r',
    '\t',
    '\u202e',
    '\u200b',
    ' ',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  // Half pairs, too.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);

/** Any text, most of it of kinds that act in a terminal, in Markdown or in HTML. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((all) => all.join(''));

/** What no sink may pass on: controls, format characters, line separators, half pairs, blank letters. */
export const DRIVES_A_SCREEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|[\u3164\uffa0\u115f\u1160]/u;
