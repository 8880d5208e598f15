/** A receiver behind Fetch's Request and Response. */
import { describe, expect, it } from '@jest/globals';
import { receive, webHandler } from '../../../receiver/index.ts';
import type { ReceiveOptions } from '../../../receiver/index.ts';
import { secondsLater, SECRET, signedRequest } from './signed-request.ts';

const handlerOf = (change: Partial<ReceiveOptions> = {}) =>
  webHandler(receive({ secret: SECRET, now: secondsLater(1), on: () => undefined, log: () => undefined, ...change }));

const requestOf = ({ body, headers } = signedRequest()): Request =>
  new Request('https://crm.example.com/webhooks', { method: 'POST', body, headers });

describe('webHandler', () => {
  it('acknowledges a good request and its duplicate', async () => {
    const handle = handlerOf();
    const first = await handle(requestOf());
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(await first.json()).toEqual({ received: true, code: 'handled' });
    expect(await (await handle(requestOf())).json()).toEqual({ received: true, code: 'duplicate' });
  });

  it('refuses a tampered one', async () => {
    const response = await handlerOf()(requestOf({ ...signedRequest(), body: '{"event":"call.failed"}' }));
    expect([response.status, await response.json()]).toMatchObject([401, { code: 'signature_mismatch' }]);
  });

  it.each([
    ['read', async (request: Request) => void (await request.json())],
    ['being read', async (request: Request) => void request.body?.getReader()],
  ])('tells what to do where the body was %s before', async (_what, read) => {
    const request = requestOf();
    await read(request);
    const response = await handlerOf()(request);
    expect([response.status, await response.json()]).toEqual([
      500,
      { received: false, code: 'body_not_raw', fix: expect.stringContaining('request.text()') },
    ]);
  });

  it('stops reading one byte above the limit', async () => {
    let pulled = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(1_000));
      },
      cancel: () => {
        cancelled = true;
      },
    });
    const init = { method: 'POST', body: endless, duplex: 'half' } as RequestInit;
    const response = await handlerOf({ maxBodyBytes: 5_000 })(new Request('https://crm.example.com/', init));
    expect(response.status).toBe(413);
    expect(pulled).toBeLessThan(10);
    expect(cancelled).toBe(true);
  });

  it.each([
    ['never ends', () => new Promise<void>(() => {})],
    ['throws', () => Promise.reject(new Error('gone'))],
  ])('answers 413 above the limit also where leaving the stream %s', async (_what, cancel) => {
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => controller.enqueue(new Uint8Array(1_000));
    const body = new ReadableStream<Uint8Array>({ pull, cancel });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const response = await handlerOf({ maxBodyBytes: 5_000 })(new Request('https://crm.example.com/', init));
    expect([response.status, await response.json()]).toMatchObject([413, { code: 'body_too_large' }]);
  });

  it('answers GET 405 and an empty POST 400', async () => {
    const get = await handlerOf()(new Request('https://crm.example.com/'));
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    const empty = await handlerOf()(new Request('https://crm.example.com/', { method: 'POST' }));
    expect([empty.status, await empty.json()]).toMatchObject([400, { code: 'body_empty' }]);
  });

  it('does not reject where the body breaks off', async () => {
    const broken = new ReadableStream({
      pull: () => {
        throw new Error('connection reset');
      },
    });
    const init = { method: 'POST', body: broken, duplex: 'half' } as RequestInit;
    expect((await handlerOf()(new Request('https://crm.example.com/', init))).status).toBe(400);
  });
});
