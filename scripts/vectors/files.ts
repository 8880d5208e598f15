/**
 * The two files of vectors. JSON is the one to read. The same in tab-separated lines is for languages whose standard
 * library has no JSON (Java): a verifier to copy then needs no parser. Pure.
 */
import { HEADERS } from '../../contract/headers.ts';
import { ACCEPTED } from './accepted.ts';
import { REJECTED } from './rejected.ts';
import { vectorOf, type Vector } from './vector.ts';

/** Folder of the files, from the root of the repository. */
export const VECTORS = 'test/vectors';

/** Every vector, accepted ones first. */
export function vectors(): readonly Vector[] {
  return [...ACCEPTED, ...REJECTED].map((it) => vectorOf(it));
}

/** Text of each file by its name. */
export function vectorFiles(): ReadonlyMap<string, string> {
  const all = vectors();
  return new Map([
    ['signatures.json', `${JSON.stringify(all, undefined, 2)}\n`],
    ['signatures.tsv', `${[COLUMNS.join('\t'), ...all.map((vector) => lineOf(vector))].join('\n')}\n`],
  ]);
}

const HEADER_COLUMNS = [HEADERS.id, HEADERS.timestamp, HEADERS.signature, HEADERS.legacySignature];
const COLUMNS = ['name', 'secrets', 'now', 'tolerance', 'body-only', 'expected', ...HEADER_COLUMNS, 'body'];

/** Secrets: base64 each, joined by commas. Expected: `accept standard` or `reject <code>`. An absent header is empty,
 *  which a receiver takes for absent too. Body: base64. */
function lineOf(vector: Vector): string {
  const { expected } = vector;
  const headers = new Map(Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return [
    vector.name,
    vector.secrets.map((secret) => Buffer.from(secret).toString('base64')).join(','),
    String(vector.now),
    String(vector.toleranceSeconds),
    vector.allowBodyOnlySignature ? 'yes' : 'no',
    `${expected.verdict} ${expected.verdict === 'accept' ? expected.scheme : expected.code}`,
    ...HEADER_COLUMNS.map((name) => headers.get(name) ?? ''),
    vector.bodyBase64,
  ].join('\t');
}
