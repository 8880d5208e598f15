/** A receiver behind a real node server, and a client for it. Test files call `closeServers` after each test. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodeHandler, receive } from '../../../receiver/index.ts';
import type { ReceiveOptions, ReceiverLogLine } from '../../../receiver/index.ts';
import { secondsLater, SECRET, signedRequest } from './signed-request.ts';

const servers: Server[] = [];

/** Closes what `listen` opened. */
export function closeServers(): void {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

/** Serves `app` on a free port; resolves with the URL of its receiver. */
export async function listen(app: RequestListener): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
}

/** A handler at the time of the golden vector; its log lines go to `lines`. */
export const handlerOf = (change: Partial<ReceiveOptions> = {}, lines: ReceiverLogLine[] = []) =>
  nodeHandler(
    receive({
      secret: SECRET,
      now: secondsLater(1),
      on: () => undefined,
      log: (line) => void lines.push(line),
      ...change,
    }),
  );

/** POSTs a good request, or the given one. */
export async function post(
  url: string,
  { body, headers } = signedRequest(),
): Promise<{ status: number; said: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, said: await response.json() };
}
