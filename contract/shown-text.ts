/**
 * How text that others wrote is shown: cancel reasons, hosts, ids, answers of servers. A terminal obeys the control
 * characters in it, and the Web UI its Markdown and HTML. So whoever shows such text passes it through here. Pure.
 */

/** The text on one line, with each character that is not seen but acts as its JSON escape: ESC → `\u001b`. These are
 *  controls (ESC, C1, line breaks), bidirectional and zero-width marks, and lone surrogates. Variation selectors stay,
 *  because they only choose the look of an emoji. Inside JSON the escape means the same character. */
export function oneLine(text: string): string {
  // Nearly every text is of these, and the classes of the other expression take a hundred times as long.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?!\p{VS})\p{DI}/gu, escaped);
}

/** The text as a code span of Markdown. In it the Web UI shows everything as it stands and makes no link. A backtick
 *  would end the span. `{workflowId}` and the like would be replaced by an id before Markdown is read. */
export function codeSpan(text: string): string {
  return `\`${oneLine(text).replace(/`|\{(?=\w+\})/g, escaped)}\``;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
