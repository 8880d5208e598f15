/** What may be told of an error of the host's storage: its code, else its class. The message may hold anything.
 *  Workflows do not load this file. Pure. */
export function codeOrName(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown error';
}
