/** Whoever opens connections and says nothing keeps nobody else from an answer, and takes a bounded number of them. */
import { createServer, request, type RequestListener } from 'node:http';
import { createServer as createTlsServer, request as requestByTls } from 'node:https';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { MAX_CONNECTIONS } from '../../../../cli/process/bound-connections.ts';
import { listen, type Listening } from '../../../../cli/process/listen.ts';
import { RECEIVER_KEY, TEST_AUTHORITY, VALID_CERTIFICATE } from '../../../support/hostile-certificates.ts';
import { waitFor } from '../../../support/wait-for.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const waiting: (() => void)[] = [];
/** Answers at once; a request for /slow waits for its turn. */
const answer: RequestListener = ({ url }, response) => {
  if (url === '/slow') waiting.push(() => void response.end('slow'));
  else response.end('quick');
};

const SERVERS = {
  http: { make: () => createServer(answer), ask: request, options: {} },
  https: {
    make: () => createTlsServer({ key: RECEIVER_KEY, cert: VALID_CERTIFICATE }, answer),
    ask: requestByTls,
    options: { ca: TEST_AUTHORITY },
  },
} as const;

async function started(scheme: keyof typeof SERVERS) {
  const { make, ask, options } = SERVERS[scheme];
  const server = make();
  const cannot = { code: 'test', words: (reason: string) => reason };
  const listening: Listening = await listen(server, { port: 0, host: '127.0.0.1' }, cannot);
  closers.push(() => listening.close());
  const get = (path: string) =>
    new Promise<string>((resolve, reject) => {
      const url = `${scheme}://127.0.0.1:${listening.port}${path}`;
      const sent = ask(url, { ...options, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += String(chunk)));
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject).end();
    });
  const silent = async (count: number): Promise<Socket[]> => {
    const sockets = Array.from({ length: count }, () => connect(listening.port, '127.0.0.1'));
    closers.push(() => sockets.forEach((socket) => socket.destroy()));
    for (const socket of sockets) socket.on('error', () => undefined).resume();
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    return sockets;
  };
  const open = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
  return { get, silent, open };
}

describe.each(['http', 'https'] as const)('a server that speaks %s', (scheme) => {
  test('keeps so many silent connections, closes the oldest ones first, and answers', async () => {
    const { get, silent, open } = await started(scheme);
    const [first] = await silent(1);
    const sockets = await silent(MAX_CONNECTIONS + 40);
    expect(await get('/')).toBe('quick');
    await waitFor('the oldest connection to be closed', () => first?.closed);
    await waitFor('the bound', async () => (await open()) <= MAX_CONNECTIONS);
    expect(sockets.at(-1)?.closed).toBe(false);
  });

  test('lets a request in progress end, whoever connects meanwhile', async () => {
    const { get, silent } = await started(scheme);
    const slow = get('/slow');
    await waitFor('the request', () => waiting.length > 0);
    await silent(2 * MAX_CONNECTIONS);
    expect(await get('/')).toBe('quick');
    waiting.pop()?.();
    expect(await slow).toBe('slow');
  });
});
