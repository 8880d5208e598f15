/** What the stand-alone worker logs of an error that nobody caught: where it came from, and none of what it quotes. */
import type { Logger } from 'pino';
import { errorFacts } from '../../activities/port-error.ts';

/** Deep enough to find the place. */
const MAX_FRAMES = 20;

/** Serializer of pino for `err`. Pino's own would print the message and every field of the error. A parser's message
 *  quotes what it parsed, and node's error of a URL has that URL as a field. */
export function crashFacts(error: unknown): object {
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : '';
  return { ...errorFacts(error), stack: framesOf(stack) };
}

/** Options of close-with-grace, which otherwise logs errors by itself: pino would take their message for that of the
 *  line. */
export function toldBy(logger: Logger) {
  return {
    onSecondError: (err: unknown) => logger.fatal({ err }, 'worker.crashed: a second error while the worker stops'),
    logger: {
      error: (what: unknown): void => {
        if (typeof what === 'string') logger.error(`worker.stopping: ${what}`);
        else logger.error({ err: what }, 'worker.stopping: an error');
      },
    },
  };
}

/** The lines of the stack that name a place in a file. The message stands before them, and may have any number of
 *  lines. */
function framesOf(stack: string): readonly string[] {
  const frames = stack.split('\n').filter((line) => /^ {4}at [^\n]*:\d+:\d+\)?$/.test(line));
  return frames.slice(0, MAX_FRAMES).map((line) => line.trim());
}
