/**
 * Who may ask the codec server: whoever sends its token, as `temporal --codec-auth` does, or has logged in with it in the
 * browser. The Web UI can send nothing of its own but cookies: its "pass access token" needs an identity provider, and would
 * give us a token that only the provider can judge.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Longer than anybody guesses; `openssl rand -hex 32` makes 64. */
export const MIN_TOKEN_CHARACTERS = 32;

/** A working day and a bit. */
const SESSION_SECONDS = 12 * 3_600;
const COOKIE = 'topcalls-codec';

/** The token and the sessions made from it. A session is a signed end time, so another token ends them all. */
export class CodecAccess {
  readonly #token: string;
  readonly #origin: string;
  readonly #cookieFlags: string;

  /** `isSecure`: browsers reach us by https only, so the cookie must not travel otherwise. */
  constructor(options: { readonly token: string; readonly origin: string; readonly isSecure: boolean }) {
    this.#token = options.token;
    this.#origin = options.origin;
    this.#cookieFlags = `Path=/; HttpOnly; SameSite=Strict${options.isSecure ? '; Secure' : ''}`;
  }

  /** Does the request carry the token, or a session from the one web page that may use it? */
  allows({ authorization, cookie, origin }: IncomingHttpHeaders, now = Date.now()): boolean {
    if (authorization !== undefined) return this.isToken(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
    return origin === this.#origin && this.#isSession(cookieIn(cookie ?? ''), now);
  }

  /** Is this the token? Takes as long whatever is sent. */
  isToken(text: string): boolean {
    return isSame(text, this.#token);
  }

  /** Set-Cookie for somebody who has just shown the token. */
  newSession(now = Date.now()): string {
    const until = String(Math.floor(now / 1_000) + SESSION_SECONDS);
    return `${COOKIE}=${until}.${this.#signature(until)}; Max-Age=${SESSION_SECONDS}; ${this.#cookieFlags}`;
  }

  #isSession(value: string, now: number): boolean {
    const [until = '', signature = ''] = value.split('.');
    return isSame(signature, this.#signature(until)) && Number(until) * 1_000 > now;
  }

  #signature(until: string): string {
    return createHmac('sha256', this.#token).update(`topcalls codec session until ${until}`).digest('hex');
  }
}

/** Digests first: `timingSafeEqual` wants equal lengths, and the token's length is nobody's business. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function cookieIn(header: string): string {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? '';
}
