/** A static page for the command line: no script, nothing from elsewhere, text of others as text. Pure. */
import { createHash } from 'node:crypto';
import { oneLine } from '../../contract/shown-text.ts';

/** Text for an element or a quoted attribute. What others wrote is text on one line, and never markup. */
export function escaped(text: string): string {
  return oneLine(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The whole page. `title` is text; `style` and `body` are ours. The policy allows this one style, and nothing else. */
export function pageOf({ title, style, body }: Readonly<Record<'title' | 'style' | 'body', string>>): string {
  const sheet = `\n${style}\n`;
  const hash = createHash('sha256').update(sheet).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${sheet}</style>
</head>
<body>
${body}
</body>
</html>`;
}
