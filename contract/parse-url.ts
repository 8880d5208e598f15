/** Parses URLs. Not `URL.canParse`: in Node 20 a process that has asked it some thousand times gets "no" for every text
 *  with a letter like ü. An endpoint's id would then depend on how long the client has run. Pure. */

/** The URL, or undefined if the text is none. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
