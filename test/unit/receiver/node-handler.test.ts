/** A receiver behind node:http and Express 4 and 5, over real sockets. */
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import type { RequestListener } from 'node:http';
import { closeServers, handlerOf, listen, post } from './node-receiver.ts';
import { signedRequest } from './signed-request.ts';

afterEach(closeServers);

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

  it('behind an express.json() that read an empty body tells so', async () => {
    const url = await listen(make().use(make.json()).post('/webhooks', handlerOf()) as RequestListener);
    expect(await post(url, { ...signedRequest(), body: '' })).toMatchObject({
      status: 400,
      said: { code: 'body_empty' },
    });
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
