/**
 * Artifacts from the host's own HTTP API: `GET {baseUrl}/calls/{callId}`. Implements the `ArtifactSource` port.
 *
 * The API is the host's, named by its operator, so there is no egress guard here. Redirects are not followed: the bearer
 * token would travel with them. Values pass through as they came; the fetch activity judges their shape.
 */
import { request } from 'undici';
import type { ArtifactSource, FetchedArtifacts } from '../activities/ports/artifact-source.ts';
import { given } from '../contract/given.ts';
import { AnswerProblem, readArtifactAnswer } from './artifact-answer.ts';

/** Settings of `HttpArtifactSource`. */
export type HttpArtifactSourceOptions = {
  /** `https://calls.internal/api/v1`, with or without a slash at its end. http or https, no credentials, no query. */
  readonly baseUrl: string;
  /** Sent as `Authorization: Bearer …`. Default: none. */
  readonly token?: string | undefined;
  /** Longest answer that is read, in bytes; default 8 MiB. Longer ones throw `artifact_source_answer`. */
  readonly maxAnswerBytes?: number;
};

/**
 * `artifact_source_configuration`: a person has to mend URL, token or API. `artifact_source_down`: passes by itself.
 * `artifact_source_answer`: a 200 that is not the expected JSON.
 */
export type ArtifactSourceErrorCode =
  | 'artifact_source_configuration'
  | 'artifact_source_down'
  | 'artifact_source_answer';

/** One poll brought nothing. Counts as pending, so the next poll comes. Says host and status, never token or body. */
export class ArtifactSourceError extends Error {
  readonly code: ArtifactSourceErrorCode;
  readonly host: string;
  readonly status: number | undefined;
  constructor(
    code: ArtifactSourceErrorCode,
    facts: { host: string; problem: string; status?: number | undefined; cause?: unknown },
  ) {
    super(`artifact source ${facts.host} ${facts.problem}`, { cause: facts.cause });
    this.name = 'ArtifactSourceError';
    this.code = code;
    this.host = facts.host;
    this.status = facts.status;
  }
}

// A transcript of a two-hour call is about 200 kB; 8 MiB is no transcript any more.
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Accepted but not made, not known yet, being written, asked too early. */
const PENDING_STATUSES: ReadonlySet<number> = new Set([202, 404, 409, 425]);
const GONE_STATUSES: ReadonlySet<number> = new Set([410, 451]);
/** Answers below 500 that pass by themselves. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 429]);

/**
 * Asks the host's API for one call. A 200 is read by `readArtifactAnswer`, which shows the expected JSON.
 * 202, 404, 409, 425: all pending. 410, 451: all unavailable. Everything else throws ArtifactSourceError.
 */
export class HttpArtifactSource implements ArtifactSource {
  readonly #base: URL;
  readonly #token: string | undefined;
  readonly #maxBytes: number;

  /** Throws ArtifactSourceError (`artifact_source_configuration`) for a base URL it cannot use. */
  constructor(options: HttpArtifactSourceOptions) {
    this.#base = parseBase(options.baseUrl);
    this.#token = options.token;
    this.#maxBytes = options.maxAnswerBytes ?? MAX_ANSWER_BYTES;
  }

  /** One poll. Rejects with ArtifactSourceError, or with the signal's reason when it aborts. */
  async fetch({ callId, signal }: Parameters<ArtifactSource['fetch']>[0]): Promise<FetchedArtifacts> {
    // "..", even as %2e%2e, climbs one folder up when the URL is read, and would ask for something else.
    if (/^\.{1,2}$/.test(callId)) return all({ status: 'unavailable', reason: 'this call id cannot stand in a URL' });
    const url = new URL(`calls/${encodeURIComponent(callId)}`, this.#base);
    try {
      const answer = await request(url, { signal, headers: this.#headers() });
      if (answer.statusCode === 200) return readArtifactAnswer(await this.#read(answer.body));
      // Read to its end, so that the connection can be used again; capped, since nobody looks at it.
      await answer.body.dump({ limit: 65_536, signal });
      return this.#withoutAnswer(answer.statusCode);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ArtifactSourceError) throw error;
      if (error instanceof AnswerProblem) throw this.#error('artifact_source_answer', error.message, 200);
      const { code } = error as { code?: unknown };
      throw this.#error(
        'artifact_source_down',
        `did not answer (${typeof code === 'string' ? code : 'no reason known'})`,
        undefined,
        error,
      );
    }
  }

  #headers(): Record<string, string> {
    const authorization = this.#token === undefined ? undefined : `Bearer ${this.#token}`;
    return { accept: 'application/json', ...given({ authorization }) };
  }

  async #read(body: AsyncIterable<Buffer>): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > this.#maxBytes) throw new AnswerProblem(`answered more than ${this.#maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  #withoutAnswer(status: number): FetchedArtifacts {
    if (PENDING_STATUSES.has(status)) return all({ status: 'pending' });
    if (GONE_STATUSES.has(status)) return all({ status: 'unavailable', reason: `the source answered ${status}` });
    if (status >= 500 || TRANSIENT_STATUSES.has(status)) {
      throw this.#error('artifact_source_down', `answered ${status}`, status);
    }
    const hint = status === 401 || status === 403 ? 'check the bearer token' : 'check base URL and API';
    throw this.#error('artifact_source_configuration', `answered ${status}: ${hint}`, status);
  }

  #error(code: ArtifactSourceErrorCode, problem: string, status?: number, cause?: unknown): ArtifactSourceError {
    return new ArtifactSourceError(code, { host: this.#base.host, problem, status, cause });
  }
}

function parseBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const problem =
    url === undefined || !/^https?:$/.test(url.protocol)
      ? 'is not an http or https URL'
      : url.username !== '' || url.password !== ''
        ? 'has credentials in its URL: use the token'
        : url.search !== '' || url.hash !== ''
          ? 'has a query or fragment in its base URL: leave it out'
          : undefined;
  if (url === undefined || problem !== undefined) {
    throw new ArtifactSourceError('artifact_source_configuration', {
      host: url?.host ?? '(baseUrl)',
      problem: problem ?? '',
    });
  }
  // Without the slash the last folder of the base would be replaced, not extended.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function all(artifact: { status: 'pending' } | { status: 'unavailable'; reason: string }): FetchedArtifacts {
  return { recording: artifact, transcript: artifact, summary: artifact };
}
