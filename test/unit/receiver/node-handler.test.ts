/** A receiver behind node:http and Express 4 and 5, over real sockets. */
import { afterEach, describe, expect, it, test } from '@jest/globals';
import express from 'express';
import { once } from 'node:events';
import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import { nodeHandler, receive } from '../../../receiver/index.ts';
import type { ReceiveOptions, ReceiverLogLine } from '../../../receiver/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { secondsLater, SECRET, signedRequest } from './signed-request.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(app: RequestListener): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
}

const handlerOf = (change: Partial<ReceiveOptions> = {}, lines: ReceiverLogLine[] = []) =>
  nodeHandler(
    receive({
      secret: SECRET,
      now: secondsLater(1),
      on: () => undefined,
      log: (line) => void lines.push(line),
      ...change,
    }),
  );

async function post(url: string, { body, headers } = signedRequest()): Promise<{ status: number; said: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, said: await response.json() };
}

// No declarations of its own: the alias of an older major.
const express4 = require('express4') as typeof express;
const MAJORS: ReadonlyArray<[string, typeof express]> = [
  ['Express 4', express4],
  ['Express 5', express],
];

type MakeApp = () => RequestListener;
const nodeHttp: MakeApp = () => {
  const handle = handlerOf();
  return (request, response) => void handle(request, response);
};
const APPS = MAJORS.reduce<Array<[string, MakeApp]>>(
  (apps, [name, make]) => [
    ...apps,
    [name, () => make().post('/webhooks', handlerOf())],
    [
      `${name} behind express.raw()`,
      () => make().post('/webhooks', make.raw({ type: 'application/json', limit: '4mb' }), handlerOf()),
    ],
    [
      `${name} behind an express.json() that keeps rawBody`,
      () => {
        const verify = (request: object, _response: unknown, rawBody: Buffer) => Object.assign(request, { rawBody });
        return make()
          .use(make.json({ limit: '4mb', verify }))
          .post('/webhooks', handlerOf());
      },
    ],
  ],
  [['node:http', nodeHttp]],
);

describe.each(APPS)('%s', (_name, app) => {
  it('acknowledges a good request, once handled, and its duplicate', async () => {
    const url = await listen(app());
    expect(await post(url)).toEqual({ status: 200, said: { received: true, code: 'handled' } });
    expect(await post(url)).toEqual({ status: 200, said: { received: true, code: 'duplicate' } });
  });

  it('refuses a tampered one', async () => {
    const good = signedRequest();
    expect(await post(await listen(app()), { ...good, body: good.body.replace('2.5', '2.6') })).toMatchObject({
      status: 401,
      said: { code: 'signature_mismatch', fix: expect.any(String) },
    });
  });

  it('takes a body of 1.5 MiB beyond ASCII', async () => {
    const body = `{"event":"call.completed","text":"${'ü👋'.repeat(262_144)}"}`;
    expect(await post(await listen(app()), signedRequest({ body }))).toMatchObject({ status: 200 });
  });
});

describe.each(MAJORS)('%s', (_name, make) => {
  it('with a body that express.json() has parsed is told what to do', async () => {
    const app = make().use(make.json()).post('/webhooks', handlerOf()) as RequestListener;
    expect(await post(await listen(app))).toEqual({
      status: 500,
      said: { received: false, code: 'body_not_raw', fix: expect.stringContaining('express.raw(') },
    });
  });

  it('with a parser that left the body alone reads it itself', async () => {
    const app = make()
      .use(make.json({ type: 'text/x' }))
      .post('/webhooks', handlerOf()) as RequestListener;
    expect(await post(await listen(app))).toMatchObject({ status: 200 });
  });

  it('answers other methods 405 and an empty body 400', async () => {
    const url = await listen(make().all('/webhooks', handlerOf()) as RequestListener);
    const get = await fetch(url);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await post(url, { ...signedRequest(), body: '' })).toMatchObject({
      status: 400,
      said: { code: 'body_empty' },
    });
  });
});

describe('a body above the limit', () => {
  const limited: RequestListener = (request, response) => void handlerOf({ maxBodyBytes: 10_000 })(request, response);

  it('is answered 413', async () => {
    const body = `{"event":"call.completed","text":"${'x'.repeat(20_000)}"}`;
    const answer = await post(await listen(limited), signedRequest({ body }));
    expect(answer).toMatchObject({ status: 413, said: { code: 'body_too_large' } });
  });

  it('by a megabyte is answered once all of it was written: who is cut off while writing never reads the answer', async () => {
    let wasRead: boolean | undefined;
    const handle = handlerOf({ maxBodyBytes: 10_000 });
    const url = await listen((request, response) => {
      void handle(request, response).then(() => (wasRead = request.complete));
    });
    const body = 'x'.repeat(1_000_000);
    expect(await post(url, { ...signedRequest(), body })).toMatchObject({ status: 413 });
    expect(wasRead).toBe(true);
  });

  it('that does not end is cut off', async () => {
    const url = new URL(
      await listen((request, response) => void handlerOf({ maxBodyBytes: 1_000 })(request, response)),
    );
    const client = httpRequest(url, { method: 'POST' });
    const chunk = Buffer.alloc(65_536, 'x');
    let sent = 0;
    const write = (): void => {
      while (!client.destroyed && sent < 64 * 1_048_576) {
        sent += chunk.length;
        if (!client.write(chunk)) return void client.once('drain', write);
      }
    };
    client.on('error', () => undefined);
    const closed = new Promise((resolve) => client.once('close', resolve));
    write();
    await closed;
    expect(sent).toBeLessThan(64 * 1_048_576);
  });
});

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

test('HTTP/2 is understood, a request that is refused unread too', async () => {
  const handle = handlerOf();
  const server = createHttp2Server((request, response) => {
    void handle(...([request, response] as unknown as Parameters<typeof handle>));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const { body, headers } = signedRequest();
  const statusOf = async (method: string): Promise<unknown> => {
    const stream = client.request({ ':method': method, ':path': '/webhooks', ...headers }, { endStream: false });
    const answered = once(stream, 'response');
    // One that is refused is still open then.
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
