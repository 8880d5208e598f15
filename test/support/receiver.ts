/** A real receiver on loopback. It notes every request and answers by script. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedRequest = {
  readonly at: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** How to answer: a status, or a function that sends the answer when it likes. */
export type Answer = number | ((response: ServerResponse, request: ReceivedRequest) => void);

export type Receiver = {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Answers from the next request on; the last one repeats. */
  answer(...answers: readonly Answer[]): void;
  /** Resolves with the nth request (1-based) once it has arrived whole. */
  received(count: number): Promise<ReceivedRequest>;
  close(): Promise<void>;
};

/** Starts a receiver that answers 200, or by `answers`, the last of which repeats. */
export async function startReceiver(...answers: readonly Answer[]): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const waiting = new Set<() => void>();
  let script: Answer[] = [...answers];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen = {
        at: Date.now(),
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      requests.push(seen);
      const answer = (script.length > 1 ? script.shift() : script[0]) ?? 200;
      if (typeof answer === 'number') response.writeHead(answer).end();
      else answer(response, seen);
      for (const wake of waiting) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A test that fails before close() must not keep its process alive.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/call-complete`,
    requests,
    answer: (...next) => {
      script = [...next];
    },
    received: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          const request = requests[count - 1];
          if (request === undefined) return;
          waiting.delete(look);
          resolve(request);
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
