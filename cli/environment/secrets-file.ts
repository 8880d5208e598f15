/**
 * The file that TOPCALLS_SECRETS_FILE names: signing secrets as JSON, in the form of `StaticSecrets`:
 * `{ "acct_1": "whsec_…", "acct_2": { "current": "whsec_…", "previous": ["whsec_…"] } }`.
 * It is read at the worker's start, and again when it changes, so that a rotation needs no restart.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { SecretSet, SigningSecrets } from '../../activities/ports/signing-secrets.ts';
import { StaticSecrets, StaticSecretsError, type StaticSecretsRecord } from '../../adapters/static-secrets.ts';
import { given } from '../../contract/given.ts';
import { fingerprintAround, secretFingerprint } from '../../signature/fingerprint.ts';
import { EnvError, type EnvProblem } from './env-error.ts';
import { VARIABLE_WORDS } from './worker-variables.ts';

/** What the file held when it was last read well. */
type Content = {
  readonly secrets: StaticSecrets;
  readonly references: ReadonlySet<string>;
  readonly fingerprint: string | undefined;
};

/** The secrets of one reference by their fingerprints; undefined for one without. `previous`: the newest first. */
export type ReferenceSummary = {
  readonly reference: string;
  readonly current: string | undefined;
  readonly previous: readonly (string | undefined)[];
};

/** What happens to the file after the start. No field is ever a secret or a reference. */
export type SecretsNews = {
  /** It has changed, and the new secrets are used from now on. `removed`: references that it no longer has. `file`: its
   *  fingerprint. */
  readonly reloaded: (facts: { readonly references: number; readonly removed: number; readonly file?: string }) => void;
  /** It has changed and cannot be used. The secrets of before stay. Called once per change. */
  readonly kept: (problem: EnvProblem) => void;
};

/** By content and not by the file system's events: those miss what a mounted volume or an editor swaps in. */
const LOOK_EVERY_MS = 1_000;

/** The secrets of a file, as they are now. */
export class SecretsFile implements SigningSecrets {
  readonly #path: string;
  /** The text that was last looked at, or the reason why there was none. */
  #seen: string;
  #content: Content;
  #isUsable = true;

  /** Reads and checks the file. Throws EnvError with the variable, the path and what is wrong, never with a secret. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#seen = readFileSync(path, 'utf8');
    } catch (error) {
      throw new EnvError([unreadable(path, error)]);
    }
    this.#content = contentOf(path, this.#seen);
  }

  /** How many references the file has. */
  get references(): number {
    return this.#content.references.size;
  }

  /** Of the whole file, as `sha256sum` makes it, 8 hex digits. Undefined if all its secrets may be guessed. */
  get fingerprint(): string | undefined {
    return this.#content.fingerprint;
  }

  /** What the file holds, in its order. */
  summary(): readonly ReferenceSummary[] {
    return [...this.#content.references].map((reference) => {
      const { current = '', previous = [] } = this.forEndpoint(reference) ?? {};
      return { reference, current: secretFingerprint(current), previous: previous.map(secretFingerprint) };
    });
  }

  /** Whether the file could be used when it was last looked at. If not, the secrets of before are. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** The secrets of this reference; undefined for an unknown one. */
  forEndpoint(ref: string): SecretSet | undefined {
    return this.#content.secrets.forEndpoint(ref);
  }

  /** Looks at the file once, and uses it if it has changed and is well. Never rejects. */
  async lookAgain(news: SecretsNews): Promise<void> {
    try {
      const text = await readFile(this.#path, 'utf8');
      if (text === this.#seen) return;
      this.#seen = text;
      const now = contentOf(this.#path, text);
      const removed = [...this.#content.references].filter((ref) => !now.references.has(ref)).length;
      this.#content = now;
      this.#isUsable = true;
      news.reloaded({ references: now.references.size, removed, ...given({ file: now.fingerprint }) });
    } catch (error) {
      this.#isUsable = false;
      const [problem = unreadable(this.#path, error)] = error instanceof EnvError ? error.problems : [];
      if (!(error instanceof EnvError)) {
        if (this.#seen === problem.received) return;
        this.#seen = problem.received;
      }
      news.kept(problem);
    }
  }

  /** Looks again every `everyMs` until the function that it returns is called. Keeps no process alive. */
  watch(news: SecretsNews, everyMs = LOOK_EVERY_MS): () => void {
    let looking = false;
    const look = async (): Promise<void> => {
      // A network drive may hang for longer than the interval.
      if (looking) return;
      looking = true;
      await this.lookAgain(news);
      looking = false;
    };
    const timer = setInterval(() => void look(), everyMs).unref();
    return () => clearInterval(timer);
  }
}

function contentOf(path: string, text: string): Content {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    // Without cause and parser message: both quote the text, which is secrets.
    throw new EnvError([problemOf(path, 'not JSON', 'fix the file')]);
  }
  try {
    const secrets = new StaticSecrets(record as StaticSecretsRecord);
    const references = new Set(Object.keys(record as StaticSecretsRecord));
    const sets = [...references].flatMap((reference) => secrets.forEndpoint(reference) ?? []);
    const all = sets.flatMap(({ current, previous = [] }) => [current, ...previous]);
    return { secrets, references, fingerprint: fingerprintAround(text, all) };
  } catch (error) {
    if (error instanceof StaticSecretsError) throw new EnvError([problemOf(path, error.message, 'fix the file')]);
    throw error;
  }
}

function unreadable(path: string, error: unknown): EnvProblem {
  const reason = (error as { code?: string }).code ?? 'unknown';
  return problemOf(path, `cannot be read: ${reason}`, 'correct the path or its permissions');
}

function problemOf(path: string, problem: string, fix: string): EnvProblem {
  const { allowed } = VARIABLE_WORDS.TOPCALLS_SECRETS_FILE;
  return { variable: 'TOPCALLS_SECRETS_FILE', received: `${JSON.stringify(path)} (${problem})`, allowed, fix };
}
