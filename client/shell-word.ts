/** Text in a command that a person may paste into a shell. */
import { shellQuoted } from './curl-command.ts';
import { oneLine } from '../contract/shown-text.ts';

/** ` --namespace acme`, or ` -n acme`: what a command of `temporal` needs for this namespace. Empty for its default. */
export function namespaceOption(namespace: string, option: '--namespace' | '-n'): string {
  return namespace === 'default' ? '' : ` ${option} ${shellWord(namespace)}`;
}

/** The text on one line, as a shell takes it for one word. Quoted only where that is needed. */
export function shellWord(text: string): string {
  const line = oneLine(text);
  // A tilde at the start would become somebody's home folder.
  return /^[\w./:%@+-][\w./:%~@+-]*$/.test(line) ? line : shellQuoted(line);
}
