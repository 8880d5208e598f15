/** Bodies above the limit behind node:http: how much is read, and that the client can read its answer. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { request as httpRequest, type RequestListener } from 'node:http';
import { closeServers, handlerOf, listen, post } from './node-receiver.ts';
import { signedRequest } from './signed-request.ts';

afterEach(closeServers);

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
