/** The health endpoint among strangers: it listens on all addresses, so scanners find it. */
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startHealthServer, type Standing } from '../../../../cli/worker/health-server.ts';
import type { Listening } from '../../../../cli/process/listen.ts';
import { freePort } from '../../../../temporal-server/ports.ts';

let port: number;
let server: Listening;
let standing: Standing;

beforeEach(async () => {
  port = await freePort();
  standing = { state: 'running' };
  server = await startHealthServer(port, () => standing);
});
afterEach(() => server.close());

/** Status line of the answer to this request line, sent as it stands. */
function answerTo(line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\nhost: h\r\nconnection: close\r\n\r\n`));
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''));
    socket.on('error', reject);
  });
}

test.each(['//', '//:', 'http://[', '/%', '*', '/healthz/../x'])(
  'a request for %s is answered with 404, and the next one too',
  async (target) => {
    expect(await answerTo(`GET ${target} HTTP/1.1`)).toMatch(/^HTTP\/1\.1 404/);
    expect(await answerTo('GET /healthz?verbose HTTP/1.1')).toMatch(/^HTTP\/1\.1 200/);
  },
);

test('only a worker that polls is ready; it is healthy all the time', async () => {
  const answers = async () => [await answerTo('GET /healthz HTTP/1.1'), await answerTo('GET /readyz HTTP/1.1')];
  expect(await answers()).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
  for (const state of ['starting', 'stopping'] as const) {
    standing = { state };
    expect(await answers()).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 503 Service Unavailable']);
  }
});

test('a worker that runs and is not healthy is not ready, and the body says why; the process is healthy', async () => {
  const silent = {
    ready: false,
    reasons: ['temporal_silent'],
    temporal: { problem: 'no answer' },
    required: {},
  } as const;
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  standing = { state: 'running', health: silent };
  const answer = await get('/readyz');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ status: 'unready', ...silent });
  expect((await get('/healthz')).status).toBe(200);
  standing = { state: 'stopping', health: silent };
  expect(await (await get('/readyz')).json()).toMatchObject({ status: 'stopping' });
  standing = { state: 'running', health: { ready: true, reasons: [], temporal: {}, required: { log: { up: true } } } };
  const ready = await get('/readyz');
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'running', ...standing.health }]);
});
