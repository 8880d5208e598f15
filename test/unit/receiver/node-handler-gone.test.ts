/** Clients that disconnect before they are answered, over HTTP/1.1 and HTTP/2. The handler always settles. */
import { afterEach, describe, expect, it, test } from '@jest/globals';
import { once } from 'node:events';
import { request as httpRequest, type RequestListener } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import type { ReceiverLogLine } from '../../../receiver/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { closeServers, handlerOf, listen, post } from './node-receiver.ts';
import { signedRequest } from './signed-request.ts';

afterEach(closeServers);

test('a client that goes away inside the body is not answered, and no handler runs', async () => {
  const lines: ReceiverLogLine[] = [];
  let ended = false;
  const handle = handlerOf({}, lines);
  const url = new URL(
    await listen((request, response) => {
      void handle(request, response).then(() => (ended = true));
    }),
  );
  const socket = connect(Number(url.port), '127.0.0.1');
  socket.end('POST /webhooks HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"event"');
  await waitFor('the handler to end', () => ended);
  expect(lines).toEqual([]);
});

test('a client that goes away while its webhook is handled changes nothing: the retry is a duplicate', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const lines: ReceiverLogLine[] = [];
  let started = false;
  const handle = handlerOf(
    {
      on: () => {
        started = true;
        return gate;
      },
    },
    lines,
  );
  const url = await listen((request, response) => void handle(request, response));
  const abort = new AbortController();
  const { body, headers } = signedRequest();
  const first = fetch(url, { method: 'POST', body, headers, signal: abort.signal }).catch(() => 'gone');
  await waitFor('the handler', () => started);
  abort.abort();
  expect(await first).toBe('gone');
  release();
  await waitFor('the line', () => lines.length === 1);
  expect(await post(url)).toMatchObject({ status: 200, said: { code: 'duplicate' } });
});

test('a request that the host destroys while its body comes leaves no handler waiting', async () => {
  let ended = false;
  const handle = handlerOf();
  const url = new URL(
    await listen((request, response) => {
      void handle(request, response).then(() => (ended = true));
      request.once('data', () => request.destroy());
    }),
  );
  const socket = connect(Number(url.port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('POST /webhooks HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"event"');
  await waitFor('the handler to end', () => ended);
});

/** An app with a middleware that is still busy when the client disconnects. Gives what `handle` did then. */
function lateApp(lines: ReceiverLogLine[]) {
  const handle = handlerOf({}, lines);
  let isHere = false;
  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const app: RequestListener = (request, response) => {
    isHere = true;
    request.on('error', () => undefined);
    request.once('close', () => setImmediate(() => void handle(request, response).then(settle)));
  };
  return { app, settled, isHere: () => isHere };
}

describe('a client that went away before the handler was called', () => {
  it.each([
    ['inside the body', '100'],
    ['after the whole body', '3'],
  ])('is not answered over HTTP/1.1: %s', async (_when, length) => {
    const lines: ReceiverLogLine[] = [];
    const { app, settled, isHere } = lateApp(lines);
    const client = httpRequest(new URL(await listen(app)), { method: 'POST', headers: { 'content-length': length } });
    client.on('error', () => undefined);
    client.write('abc');
    await waitFor('the request', isHere);
    client.destroy();
    await settled;
    expect(lines).toEqual([]);
  });

  it.each([
    ['inside the body', false],
    ['after the whole body', true],
  ])('is not answered over HTTP/2: %s', async (_when, isWhole) => {
    const lines: ReceiverLogLine[] = [];
    const { app, settled, isHere } = lateApp(lines);
    const { client, server } = await listenHttp2(app);
    const stream = client.request({ ':method': 'POST', ':path': '/webhooks' }, { endStream: false });
    stream.on('error', () => undefined);
    stream.write('abc');
    if (isWhole) stream.end();
    await waitFor('the request', isHere);
    stream.close(8);
    await settled;
    expect(lines).toEqual([]);
    client.destroy();
    server.close();
  });
});

async function listenHttp2(app: RequestListener) {
  const server = createHttp2Server((...given) => app(...(given as unknown as Parameters<RequestListener>)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { client, server };
}

test('HTTP/2 is understood, a request that is refused unread too', async () => {
  const handle = handlerOf();
  const { client, server } = await listenHttp2((request, response) => void handle(request, response));
  const { body, headers } = signedRequest();
  const statusOf = async (method: string): Promise<unknown> => {
    const stream = client.request({ ':method': method, ':path': '/webhooks', ...headers }, { endStream: false });
    const answered = once(stream, 'response');
    // A refused one is still open then.
    if (method === 'POST') stream.end(body);
    const [answer] = (await answered) as [Record<string, unknown>];
    stream.destroy();
    return answer[':status'];
  };
  expect(await statusOf('POST')).toBe(200);
  expect(await statusOf('PUT')).toBe(405);
  client.destroy();
  server.close();
});
