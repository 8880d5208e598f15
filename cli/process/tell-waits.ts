/** Tells a person what a command waits for, again and again: silence looks like a command that hangs. */
import type { Terminal } from './terminal.ts';

/** How often, ms: on a screen one line is rewritten, in a log each time is a line. */
const SCREEN_TICK_MS = 1_000;
const TICK_MS = 5_000;

/** Says the words every few seconds, until `end`. No words: nothing is said. `show` rewrites a screen's line now. */
export function tellWaits(
  terminal: Pick<Terminal, 'isLive' | 'live' | 'say'>,
  words: () => string | undefined,
): { readonly show: () => void; readonly end: () => void } {
  const show = (): void => {
    if (terminal.isLive) terminal.live(words() ?? '');
  };
  const say = (): void => {
    const line = words();
    if (line !== undefined) terminal.say(line);
  };
  const timer = setInterval(terminal.isLive ? show : say, terminal.isLive ? SCREEN_TICK_MS : TICK_MS);
  return {
    show,
    end: () => {
      clearInterval(timer);
      terminal.live('');
    },
  };
}
