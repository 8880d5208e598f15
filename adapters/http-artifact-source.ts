/**
 * Artifacts from the host's own HTTP API: `GET {baseUrl}/calls/{callId}`. Implements the `ArtifactSource` port.
 *
 * The operator names the host's API, so no egress guard applies here. Redirects are not followed, because the bearer
 * token would go with them. Values are passed on as they came; the fetch activity checks their shape.
 */
import { request } from 'undici';
import type { ArtifactSource, FetchedArtifacts } from '../activities/ports/artifact-source.ts';
import { given } from '../contract/given.ts';
import { AnswerProblem, readArtifactAnswer } from './artifact-answer.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import { parseUrl } from '../contract/parse-url.ts';

/** Settings of `HttpArtifactSource`. */
export type HttpArtifactSourceOptions = {
  /** Base URL such as `https://calls.internal/api/v1`; a slash at its end is optional. http or https. No credentials
   *  and no query. */
  readonly baseUrl: string;
  /** Sent as `Authorization: Bearer …`. Default: none. */
  readonly token?: string | undefined;
  /** The longest answer that is read, in bytes. Default 8 MiB. A longer one throws `artifact_source_answer`. */
  readonly maxAnswerBytes?: number;
};

/**
 * `artifact_source_configuration`: a person has to fix the URL, the token or the API. `artifact_source_down`: it
 * passes by itself. `artifact_source_answer`: a 200 whose body is not the expected JSON.
 */
export type ArtifactSourceErrorCode =
  | 'artifact_source_configuration'
  | 'artifact_source_down'
  | 'artifact_source_answer';

/** A poll failed. It counts as pending, so the next poll follows. The message names host and status, never token or
 *  body. */
export class ArtifactSourceError extends Error {
  readonly code: ArtifactSourceErrorCode;
  /** The worker may log the message, see docs/embed.md. */
  readonly safeToLog = true;
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

// The transcript of a two-hour call has about 200 kB, so an answer of 8 MiB is a mistake.
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** The call's artifacts are accepted but not made, not known yet, being written, or asked for too early. */
const PENDING_STATUSES: ReadonlySet<number> = new Set([202, 404, 409, 425]);
const GONE_STATUSES: ReadonlySet<number> = new Set([410, 451]);
/** Statuses below 500 that pass by themselves. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 429]);

/**
 * Asks the host's API for the artifacts of one call. `readArtifactAnswer` reads a 200 and describes the expected JSON.
 * 202, 404, 409 and 425 mean that all are pending; 410 and 451 that none will come. All else throws
 * ArtifactSourceError.
 */
export class HttpArtifactSource implements ArtifactSource {
  readonly #base: URL;
  readonly #token: string | undefined;
  readonly #maxBytes: number;

  /** Throws ArtifactSourceError (`artifact_source_configuration`) for a base URL it cannot use. */
  constructor(options: HttpArtifactSourceOptions) {
    checkOptionNames('HttpArtifactSource', options, ['baseUrl', 'token', 'maxAnswerBytes']);
    this.#base = parseBase(options.baseUrl);
    this.#token = options.token;
    this.#maxBytes = options.maxAnswerBytes ?? MAX_ANSWER_BYTES;
  }

  /** Polls once. Rejects with ArtifactSourceError, or with the signal's reason when the signal aborts. */
  async fetch({ callId, signal }: Parameters<ArtifactSource['fetch']>[0]): Promise<FetchedArtifacts> {
    // A URL parser reads "..", even as %2e%2e, as one folder up, so the request would ask for something else.
    if (/^\.{1,2}$/.test(callId)) return all({ status: 'unavailable', reason: 'this call id cannot stand in a URL' });
    const url = new URL(`calls/${encodeURIComponent(callId)}`, this.#base);
    try {
      const answer = await request(url, { signal, headers: this.#headers() });
      if (answer.statusCode === 200) return readArtifactAnswer(await this.#read(answer.body));
      // Read to its end, so that the connection can be used again; limited, since the body is not used.
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
  const url = parseUrl(text);
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
  // Without the slash a relative URL would replace the last folder of the base.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function all(artifact: { status: 'pending' } | { status: 'unavailable'; reason: string }): FetchedArtifacts {
  return { recording: artifact, transcript: artifact, summary: artifact };
}
