/** Why a payload cannot be decoded, fit to be shown: client and worker both tell of runs that they cannot read.
 *  Pure. */

/** The SDK's and the codec's own words. Of others the name only: a JSON parser quotes what it stumbled over. */
export function decodingProblem(cause: unknown): string {
  if (!(cause instanceof Error)) return 'a payload cannot be decoded';
  return cause.name === 'ValueError' || 'code' in cause ? cause.message : `a payload cannot be decoded (${cause.name})`;
}
