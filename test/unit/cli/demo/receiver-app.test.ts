/** The demo's receiver answers the same with Express and, if that is not installed, with its replacement. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { nodeHttpApp, receiverApp } from '../../../../cli/demo/receiver-app.ts';
import type { App } from '../../../../cli/demo/receiver-app.ts';

const APPS: ReadonlyArray<[string, () => Promise<App>]> = [
  ['Express', async () => (await receiverApp()).app],
  ['node:http', async () => nodeHttpApp()],
];

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listen(app: App): Promise<string> {
  server = app.listen(0, '127.0.0.1', () => {});
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function post(url: string, body: string): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

describe.each(APPS)('%s', (_name, makeApp) => {
  test('hands the parsed body, headers and query to the handlers, in their order', async () => {
    const app = await makeApp();
    app.post(
      '/hook',
      (req, _res, next) => (req.url.endsWith('?go=1') ? next() : undefined),
      (req, res) => res.status(201).json({ body: req.body, type: req.headers['content-type'] }),
    );
    const answer = await post(`${await listen(app)}/hook?go=1`, '{"call_id":"ü"}');
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ body: { call_id: 'ü' }, type: 'application/json' });
  });

  test.each([
    ['text that is not JSON', '{"call_id":', '/hook', 400],
    ['a body over 100 kB', JSON.stringify('x'.repeat(103_000)), '/hook', 413],
    ['another path', '{}', '/other', 404],
    ['a handler that throws', '{"fails":true}', '/hook', 500],
  ])('answers %s with a status of its own', async (_what, body, path, status) => {
    const app = await makeApp();
    app.post('/hook', (req, res) => {
      if ((req.body as { fails?: boolean }).fails === true) throw new Error('on purpose');
      return res.status(200).json({});
    });
    const answer = await post(`${await listen(app)}${path}`, body);
    expect(answer.status).toBe(status);
  });
});
