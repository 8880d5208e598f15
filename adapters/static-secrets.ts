/**
 * Signing secrets from a plain record, for workers that load their secrets once: from a file, a vault at start, a test.
 * Implements the `SigningSecrets` port. It reads no environment and no file: the host hands the record in. A rotation
 * needs a new instance, so a restart; a host that rotates while it runs implements the port on its own store.
 */
import type { SecretSet, SigningSecrets } from '../activities/ports/signing-secrets.ts';

/** Reference → secret; the long form for the overlap of a rotation: `previous` sign too, newest first. */
export type StaticSecretsRecord = Readonly<
  Record<string, string | { readonly current: string; readonly previous?: string | readonly string[] }>
>;

/** The record cannot be used. Names references and what is wrong, never a secret. */
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
 * Throws StaticSecretsError when the record holds anything but filled strings, with every bad reference in one message.
 */
export class StaticSecrets implements SigningSecrets {
  // A Map, so that a reference named "constructor" is unknown; private, so that logging the object prints no secret.
  readonly #sets: ReadonlyMap<string, SecretSet>;

  constructor(record: StaticSecretsRecord) {
    if (!isPlain(record)) throw new StaticSecretsError(['not an object of reference → secret']);
    const problems: string[] = [];
    const sets = new Map<string, SecretSet>();
    for (const [ref, entry] of Object.entries(record)) {
      const set = toSet(entry);
      if (ref === '') problems.push('an empty reference');
      else if (typeof set === 'string') problems.push(`${JSON.stringify(ref)}: ${set}`);
      else sets.set(ref, set);
    }
    if (problems.length > 0) throw new StaticSecretsError(problems);
    this.#sets = sets;
  }

  /** The secrets of this reference; undefined for one that is not in the record (the delivery then ends refused). */
  forEndpoint(ref: string): SecretSet | undefined {
    return this.#sets.get(ref);
  }
}

/** The set, or what is wrong with the entry. */
function toSet(entry: unknown): SecretSet | string {
  if (isFilled(entry)) return { current: entry, previous: [] };
  if (entry === '') return 'the secret is empty';
  if (!isPlain(entry)) return 'must be a string or { current, previous }';
  const { current, previous = [], ...others } = entry;
  // A misspelt "previuos" would end the overlap of a rotation without a sound.
  const unknown = Object.keys(others);
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
