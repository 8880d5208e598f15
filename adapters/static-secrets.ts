/**
 * Signing secrets from a plain record, for workers that load their secrets once: from a file, from a vault, in a test.
 * Implements the `SigningSecrets` port. It reads no environment and no file: the host passes the record. A rotation
 * needs a new instance, so a restart. A host that rotates while it runs implements the port on its own store.
 */
import type { SecretSet, SigningSecrets } from '../activities/ports/signing-secrets.ts';
import { looksLikeSecret } from '../contract/secret-reference.ts';

/** Reference → secret. The long form is for the overlap of a rotation: `previous` secrets sign too, the newest
 *  first. */
export type StaticSecretsRecord = Readonly<
  Record<string, string | { readonly current: string; readonly previous?: string | readonly string[] }>
>;

/** The record cannot be used. `problems` names each bad reference and what is wrong with it, never a secret. */
export class StaticSecretsError extends Error {
  readonly code = 'static_secrets';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`signing secrets refused: ${problems.join('; ')}`);
    this.name = 'StaticSecretsError';
    this.problems = problems;
  }
}

/**
 * `new StaticSecrets({ acct_1: 'whsec_…', acct_2: { current: 'whsec_new', previous: ['whsec_old'] } })`
 * Throws StaticSecretsError if the record holds anything but filled strings. The message names every bad reference.
 */
export class StaticSecrets implements SigningSecrets {
  // A Map, so that a reference named "constructor" is unknown. Private, so that logging the object prints no secret.
  readonly #sets: ReadonlyMap<string, SecretSet>;

  constructor(record: StaticSecretsRecord) {
    if (!isPlain(record)) throw new StaticSecretsError(['not an object of reference → secret']);
    const problems: string[] = [];
    const sets = new Map<string, SecretSet>();
    for (const [index, [ref, entry]] of Object.entries(record).entries()) {
      const set = toSet(entry);
      if (ref === '') problems.push('an empty reference');
      else if (looksLikeSecret(ref)) problems.push(`reference ${index + 1} ${SWAPPED}`);
      else if (typeof set === 'string') problems.push(`${JSON.stringify(ref)}: ${set}`);
      else sets.set(ref, set);
    }
    if (problems.length > 0) throw new StaticSecretsError(problems);
    this.#sets = sets;
  }

  /** The secrets of this reference. Undefined for a reference that is not in the record; the delivery then ends
   *  refused. */
  forEndpoint(ref: string): SecretSet | undefined {
    return this.#sets.get(ref);
  }
}

/** References and keys stand in errors, log lines and lists. The client sends no such reference anyway. */
const SWAPPED = 'looks like a secret, so it is not shown here: are name and secret swapped?';

/** The secrets of the entry, or what is wrong with it. */
function toSet(entry: unknown): SecretSet | string {
  if (isFilled(entry)) return { current: entry, previous: [] };
  if (entry === '') return 'the secret is empty';
  if (!isPlain(entry)) return 'must be a string or { current, previous }';
  const { current, previous = [], ...others } = entry;
  // A misspelt "previuos" would silently end the overlap of a rotation.
  const unknown = Object.keys(others);
  if (unknown.some(looksLikeSecret)) return `a key ${SWAPPED}`;
  if (unknown.length > 0) return `unknown key ${unknown.map((key) => JSON.stringify(key)).join(', ')}`;
  if (!isFilled(current)) return '`current` must be a filled string';
  const list = typeof previous === 'string' ? [previous] : previous;
  if (!Array.isArray(list) || !list.every(isFilled)) return '`previous` must be filled strings';
  return { current, previous: [...list] };
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
