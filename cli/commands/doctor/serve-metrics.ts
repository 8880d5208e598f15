/**
 * `doctor --listen`: serves /metrics until a signal. However many ask, the server is looked at once per interval, and
 * not twice at the same time, unless a look has taken longer than two minutes.
 */
import { createServer } from 'node:http';
import { inTime } from '../../../contract/in-time.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { catchInterrupts } from '../../process/interrupts.ts';
import { listen, type Listening } from '../../process/listen.ts';
import { pathOf } from '../../process/request-path.ts';
import type { Terminal } from '../../process/terminal.ts';

/** Where to listen, and how often to look. */
export type ServeOptions = { readonly host: string; readonly port: number; readonly intervalMs: number };

/** Serves what `read` resolves with. Resolves with 0 after a signal. Rejects with CliError for a taken port. */
export async function serveMetrics(
  { host, port, intervalMs }: ServeOptions,
  terminal: Terminal,
  read: () => Promise<string>,
): Promise<ExitCode> {
  const current = atMostEvery(intervalMs, read);
  const server = createServer((request, response) => {
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', connection: 'close' });
      response.end(`${text}\n`);
    };
    if (pathOf(request) !== '/metrics') return answer(404, 'try /metrics');
    current().then(
      (text) => answer(200, text),
      (error: unknown) => {
        terminal.say(`doctor: ${(error as Error).message}`);
        answer(500, 'the doctor failed; its own output says why');
      },
    );
  });
  const interrupts = catchInterrupts();
  let listening: Listening | undefined;
  try {
    listening = await listen(
      server,
      { host, port },
      {
        code: 'listen_address',
        words: (reason) => `--listen: cannot listen on ${host}:${port} (${reason}); choose another`,
      },
    );
    terminal.say(
      `doctor: http://${host}:${listening.port}/metrics, looked at once per ${intervalMs / 1_000} s at most`,
    );
    await interrupts.interrupted;
    return EXIT.ok;
  } finally {
    interrupts.release();
    await listening?.close();
  }
}

/** A look of which every part runs into its own deadline ends before this, ms. */
const LOOK_TIMEOUT_MS = 120_000;

/** The last answer of `read` while it is younger than `intervalMs`, else a new one. A failure is not kept. A look that
 *  has no end fails after two minutes, and the next one who asks looks anew. */
export function atMostEvery<T>(intervalMs: number, read: () => Promise<T>, now = () => Date.now()): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly untilMs: number } | undefined;
  return () => {
    if (last !== undefined && now() < last.untilMs) return last.answer;
    const answer = inTime(read(), LOOK_TIMEOUT_MS, () => {
      throw new Error(`looking took longer than ${LOOK_TIMEOUT_MS / 1_000} s, so it was given up`);
    });
    // Until it has ended nobody else looks, however long that takes.
    const looking = { answer, untilMs: Number.POSITIVE_INFINITY };
    last = looking;
    void answer.then(
      () => (last = { answer, untilMs: now() + intervalMs }),
      () => (last = undefined),
    );
    return answer;
  };
}
