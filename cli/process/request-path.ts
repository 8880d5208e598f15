/** The path of a request to a server of this command line. */
import type { IncomingMessage } from 'node:http';

/** `/healthz?verbose` → `/healthz`. Does not use new URL(): a target such as `//` is no URL, and a throw in a request
 *  listener would end the process. */
export function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  return url.split('?', 1)[0] ?? '/';
}
