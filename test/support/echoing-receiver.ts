/**
 * A receiver that sends everything back: our body and headers, tokens of its own, terminal codes, 64 KiB of headers
 * (F43).
 */
import type { HostileReceiver } from './hostile-receiver.ts';
import { startReceiver } from './hostile-receiver.ts';

/** Words that only the receiver uses, and codes that a terminal would obey. */
export const RECEIVERS_WORDS: readonly string[] = [
  'tok_live_51Hb',
  'TOK_LIVE_51HB',
  'b2JhbWE6dG9r',
  '\x1b',
  String.raw`\u001b`,
  '<script',
];

const ANSI = '\x1b[2J\x1b]0;tok_live_51Hb\x07\x1b[31m';

/** How it answers: with a status, after a hint, in the headers alone, or as no HTTP at all. */
export const ECHOES: Readonly<Record<string, (request: string) => string>> = {
  'a 200': (request) => echo('200', request),
  'a 503 with a Retry-After that is none': (request) => echo('503', request, 'Retry-After: tok_live_51Hb\r\n'),
  'a 410': (request) => echo('410', request),
  'a redirect': (request) => echo('307', request, 'Location: https://tok_live_51Hb.example.com/?t=tok_live_51Hb\r\n'),
  '64 KiB of headers': (request) => echo('200', request, `X-Long: ${'tok_live_51Hb '.repeat(100)}\r\n`.repeat(46)),
  'a hint and then nothing that parses': (request) =>
    `HTTP/1.1 103 tok_live_51Hb\r\nLink: tok_live_51Hb\r\n\r\n${ANSI}tok_live_51Hb ${request}`,
  'a broken answer': (request) => `tok_live_51Hb ${ANSI} ${request}`,
};

/** Starts one that answers in this way. */
export function startEchoingReceiver(answer: (request: string) => string): Promise<HostileReceiver> {
  return startReceiver((socket) => {
    let request = '';
    socket.on('data', (chunk: Buffer) => {
      request += chunk.toString('latin1');
      // Our bodies end with the event's name.
      if (/"event":"[^"]*"}$/.test(request)) socket.end(answer(request), 'latin1');
    });
  });
}

function echo(status: string, request: string, headers = ''): string {
  const [head = '', body = ''] = request.split('\r\n\r\n');
  const echoed = head
    .split('\r\n')
    .slice(1)
    .map((line) => `X-Echo-${line}\r\n`)
    .join('');
  return [
    `HTTP/1.1 ${status} tok_live_51Hb ${ANSI}\r\n`,
    echoed,
    `X-Echo-Body: ${body}\r\n`,
    'Content-Type: text/tok_live_51Hb; charset="<script>"\r\nSet-Cookie: s=tok_live_51Hb\r\nServer: tok_live_51Hb\r\n',
    'WWW-Authenticate: Basic realm="b2JhbWE6dG9r"\r\n',
    headers,
    `\r\n<script>tok_live_51Hb</script>${ANSI}${body}`,
  ].join('');
}
