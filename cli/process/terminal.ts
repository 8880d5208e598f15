/**
 * What a command knows of its process: environment, streams, colours. Text for people goes to stderr and data to
 * stdout, so that `topcalls-webhooks … --json | jq` works. Whatever is printed, it never drives the screen. Only
 * `main.ts` makes one from the real process.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import pc from 'picocolors';
import { type Env, filled } from '../../temporal-server/env.ts';
import { usageError } from './exit.ts';
import { oneLine } from '../../contract/shown-text.ts';
import { loseOutput } from './interrupts.ts';
import { colouredText, screenText } from './screen-text.ts';

/** The person or program that called a command. */
export type Terminal = {
  readonly env: Env;
  /** Colour functions for stderr. They change nothing when stderr is no terminal or NO_COLOR is set. */
  readonly colors: ReturnType<typeof pc.createColors>;
  /** Whether stderr is a terminal, so that `live` shows something. */
  readonly isLive: boolean;
  /** One line for a person, to stderr. */
  say(line?: string): void;
  /** Data for a program, to stdout, with a line break at its end. If a command that acts can no longer write there, it
   *  is stopped, and its data goes to stderr: it tells what was done. */
  data(text: string): void;
  /** Data for a program, byte for byte and without a line break. If stdout is a screen, it is shown as `data` shows
   *  it. */
  exact(text: string): void;
  /** Asks a person and resolves with the line they type. Undefined when stdin is no terminal: a program is not asked.
   *  Rejects with CliError `bad_option` when a person is there and cannot see the question. */
  ask(question: string): Promise<string | undefined>;
  /** Rewrites the line below all others. An empty text removes it. Does nothing when stderr is no terminal. */
  live(line: string): void;
};

type Streams = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
};

const ERASE_LINE = '\r\u001b[2K';

/** Makes the terminal of a process. */
export function terminalOf(env: Env, { stdin, stdout, stderr }: Streams): Terminal {
  const isLive = stderr.isTTY && env['TERM'] !== 'dumb';
  // picocolors itself looks at stdout, which may be a pipe while a person reads stderr.
  const colors = pc.createColors(
    (isLive || filled(env['FORCE_COLOR']) !== undefined) && filled(env['NO_COLOR']) === undefined,
  );
  const safe = colors.isColorSupported ? colouredText : screenText;
  let shown = false;
  const erase = (): void => {
    if (shown) stderr.write(ERASE_LINE);
    shown = false;
  };
  let isLost = false;
  const out = (text: string): void => {
    stdout.write(text, (error) => {
      if (!error || !loseOutput()) return;
      if (!isLost) stderr.write(`stdout cannot be written (${codeOf(error)}), so this stops; the rest follows here\n`);
      isLost = true;
      stderr.write(text);
    });
  };
  return {
    env,
    colors,
    isLive,
    say: (line = '') => {
      erase();
      stderr.write(`${safe(line)}\n`);
    },
    data: (text) => {
      erase();
      out(`${screenText(text)}\n`);
    },
    exact: (text) => {
      erase();
      stdout.write(stdout.isTTY ? `${screenText(text)}\n` : text);
    },
    ask: async (question) => {
      if (!stdin.isTTY) return undefined;
      if (!stderr.isTTY) {
        throw usageError('the question before this command cannot be shown, because stderr is redirected: add --yes');
      }
      erase();
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        // The question takes Ctrl-C away from the process, whose command must hear it all the same.
        lines.once('SIGINT', () => {
          stderr.write('\n');
          process.emit('SIGINT', 'SIGINT');
          lines.close();
        });
        // Ctrl-C or the end of the input is an answer, too: it means no.
        const typed = lines.question(screenText(question)).catch(() => '');
        return await Promise.race([typed, once(lines, 'close').then(() => '')]);
      } finally {
        lines.close();
      }
    },
    live: (line) => {
      if (!isLive) return;
      erase();
      if (line === '') return;
      // A line that wraps could not be erased again. 0 columns: the terminal does not know its width.
      const columns = Array.from(oneLine(line)).slice(0, (stderr.columns || 80) - 1);
      stderr.write(columns.join(''));
      shown = true;
    },
  };
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
