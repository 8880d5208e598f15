/** The health endpoint among strangers: it listens on all addresses, so scanners find it. */
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startHealthServer, type HealthServer, type Readiness } from '../../../../cli/worker/health-server.ts';
import { freePort } from '../../../../temporal-server/ports.ts';

let port: number;
let server: HealthServer;
let readiness: Readiness;

beforeEach(async () => {
  port = await freePort();
  readiness = 'running';
  server = await startHealthServer(port, () => readiness);
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
    readiness = state;
    expect(await answers()).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 503 Service Unavailable']);
  }
});
