/** Lets an HTTP server of a command listen, says why it cannot, and closes it. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boundConnections } from './bound-connections.ts';
import { CliError, EXIT } from './exit.ts';

/** A server that listens. */
export type Listening = {
  /** The port that it has; a free one where 0 was asked for. */
  readonly port: number;
  /** Breaks all connections: an idle one would delay the end of the process. Resolves when all are gone. */
  close(): Promise<void>;
};

/** Listens on all addresses, or on `host`, and holds at most `connections`. Rejects with a CliError of this code and
 *  these words, which get the reason, such as EADDRINUSE. */
export async function listen(
  server: Server,
  { connections, ...where }: { readonly port: number; readonly host?: string; readonly connections?: number },
  cannot: { readonly code: string; readonly words: (reason: string) => string },
): Promise<Listening> {
  boundConnections(server, connections);
  try {
    server.listen(where);
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError(cannot.code, EXIT.failed, cannot.words(code ?? message), { cause: error });
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
