/** The path of a request to one of our servers. */
import type { IncomingMessage } from 'node:http';

/** `/healthz?verbose` → `/healthz`. Not by new URL(): a target such as `//` is no URL, and a throw in a request's listener would
 *  end the process. */
export function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  return url.split('?', 1)[0] ?? '/';
}
