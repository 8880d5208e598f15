import { afterAll, describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { downloadWithSdk } from '../../../temporal-server/sdk-download.ts';
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
    // On a busy machine the child takes seconds until it asks the network: then it is given more time.
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
