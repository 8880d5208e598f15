import { afterAll, describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { downloadWithSdk, shortened } from '../../../temporal-server/sdk-download.ts';
import { bareMachine } from '../../support/bare-machine.ts';

const machine = bareMachine();

describe("the SDK's download", () => {
  const sockets: Socket[] = [];
  const blackHole = createServer((socket) => sockets.push(socket));
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    blackHole.close();
  });

  test('that gets no byte is given up, and leaves nothing behind', async () => {
    await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
    const { port } = blackHole.address() as AddressInfo;
    const env = { ...machine.env, HTTPS_PROXY: `http://127.0.0.1:${port}` };
    // On a busy machine the child takes seconds until it uses the network, so it gets more time.
    for (const seconds of [1.5, 6, 24]) {
      if (sockets.length > 0) break;
      await expect(
        downloadWithSdk('temporal', { env, onProgress: () => {}, stalledAfterMs: seconds * 1_000 }),
      ).rejects.toMatchObject({ code: 'SDK_DOWNLOAD', reason: `nothing came for ${seconds} s` });
    }
    expect(sockets.length).toBeGreaterThan(0);
    expect(readdirSync(join(machine.home, '.cache', 'topcalls-webhooks'))).toEqual([]);
  });
});

describe('the reason that the SDK gives', () => {
  const URL = 'https://temporal.download/cli/default?arch=amd64&platform=linux';
  test.each([
    [
      `Error: Failed to start ephemeral server: error sending request for url (${URL}): error sending request for url (${URL}): connection refused`,
      'https://temporal.download: connection refused',
    ],
    [
      `Error: error sending request for url (${URL}): dns error: no record`,
      'https://temporal.download: dns error: no record',
    ],
    ['Error: status 404: not found', 'status 404: not found'],
    ['', ''],
  ])('%s', (said, reason) => {
    expect(shortened(said)).toBe(reason);
  });

  // 72 KB of the first took 6 s. With 5 MB the test would never end.
  test.each([
    ['one long URL', `https://${'a'.repeat(5_000_000)}`],
    ['URLs without an end', 'https://a:'.repeat(500_000)],
    ['the same URL again and again', 'https://a: '.repeat(500_000)],
    ['requests that never close their bracket', 'error sending request for url (https://a '.repeat(100_000)],
    ['colons', ': '.repeat(2_000_000)],
  ])('is short and soon made, whatever came: %s', (_what, said) => {
    expect(shortened(said).length).toBeLessThanOrEqual(2_000);
  });
});
