/** Last guard of everything that this command prints: whatever others wrote, no character of it drives the screen. */
import { oneLine } from '../../contract/shown-text.ts';

/** The text with each unseen character as its JSON escape. Only line breaks and tabs stay. JSON keeps its meaning. */
export function screenText(text: string): string {
  return guarded(text, /([\n\t])/);
}

/** The same for text with colours, which stay: they are all that an escape sequence is allowed to do. */
export function colouredText(text: string): string {
  // eslint-disable-next-line no-control-regex
  return guarded(text, /([\n\t]|\u001b\[\d{1,3}m)/);
}

/** For commander: its errors quote arguments, which may have been pasted. */
export const SAFE_OUTPUT = {
  writeErr: (text: string): void => void process.stderr.write(screenText(text)),
} as const;

/** `allowed` has one group, so that `split` keeps what it matches: every second part. */
function guarded(text: string, allowed: RegExp): string {
  return text
    .split(allowed)
    .map((part, index) => (index % 2 === 1 ? part : oneLine(part)))
    .join('');
}
