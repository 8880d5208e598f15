/**
 * The socket of an attempt. The address at its other end is judged before a byte is sent, and a failure leaves
 * nothing behind.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openPinnedSocket } from '../../../activities/http/pinned-socket.ts';
import { startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';

let receiver: HostileReceiver;
beforeEach(async () => {
  receiver = await startReceiver(() => undefined);
});
afterEach(() => receiver.stop());

const open = (
  protocol: string,
  judge: () => void,
  { signal = new AbortController().signal, address = '127.0.0.1' } = {},
) =>
  openPinnedSocket(
    { protocol, host: 'hooks.example.com', hostname: 'hooks.example.com', port: String(receiver.port) },
    { addresses: [address], ca: undefined, signal, judge },
  );

test.each(['http', 'https'])(
  'over %s, a peer that is not allowed hears no byte, not even of a TLS handshake',
  async (protocol) => {
    const judge = (): void => {
      throw new Error('no such peer');
    };
    await expect(open(`${protocol}:`, judge)).rejects.toThrow('no such peer');
    await receiver.allClosed();
    expect(receiver.connections()).toBe(1);
    expect(receiver.received()).toBe('');
  },
);

test('an attempt that ends before the TLS handshake does, leaves no connection behind', async () => {
  const ending = new AbortController();
  const opening = open('https:', () => setImmediate(() => ending.abort(new Error('over'))), ending);
  await expect(opening).rejects.toThrow('over');
  await receiver.allClosed();
});

// tls.connect() with a name and an address that fails at once threw a TypeError. Later came an uncaught error, and
// the process ended.
test.each(['http', 'https'])(
  'over %s, a network that cannot be reached at all is an error of the attempt',
  async (protocol) => {
    const opening = open(`${protocol}:`, () => undefined, { address: '255.255.255.255' });
    await expect(opening).rejects.toMatchObject({ syscall: 'connect' });
  },
);
