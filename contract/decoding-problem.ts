/** Says why a payload cannot be decoded, without showing data. Client and worker use it for runs they cannot read.
 *  Pure. */

/** The message of an error of the SDK or the codec. Of other errors only the name, because a JSON parser's message
 *  quotes the data. */
export function decodingProblem(cause: unknown): string {
  if (!(cause instanceof Error)) return 'a payload cannot be decoded';
  return cause.name === 'ValueError' || 'code' in cause ? cause.message : `a payload cannot be decoded (${cause.name})`;
}

/** The message without the text that a JSON parser quotes in it: that is a payload, or the beginning of one. */
export function withoutQuotedJson(message: string): string {
  return message.includes('is not valid JSON') ? 'a payload is not valid JSON' : message;
}
