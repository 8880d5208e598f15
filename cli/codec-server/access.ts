/**
 * Who may use the codec server: a client that sends its token, as `temporal` does with TEMPORAL_CODEC_AUTH, or a
 * browser that has logged in with it. The Web UI can send only cookies. Its "pass access token" needs an identity
 * provider, and its token could be judged by that provider only.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Too long to guess. `openssl rand -hex 32` makes 64. */
export const MIN_TOKEN_CHARACTERS = 32;

/** A little more than a working day. */
const SESSION_SECONDS = 12 * 3_600;
const COOKIE = 'topcalls-codec';

/** The token and its sessions. A session is a signed end time, so a new token ends all of them. */
export class CodecAccess {
  readonly #token: string;
  readonly #origin: string;
  readonly #cookieFlags: string;

  /** `isSecure`: browsers reach us by https only, so the cookie must travel by https only. */
  constructor(options: { readonly token: string; readonly origin: string; readonly isSecure: boolean }) {
    this.#token = options.token;
    this.#origin = options.origin;
    this.#cookieFlags = `Path=/; HttpOnly; SameSite=Strict${options.isSecure ? '; Secure' : ''}`;
  }

  /** Whether the request carries the token, or a session from the one web page that may use it. */
  allows({ authorization, cookie, origin }: IncomingHttpHeaders, now = Date.now()): boolean {
    if (authorization !== undefined) return this.isToken(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
    return origin === this.#origin && this.#isSession(cookieIn(cookie ?? ''), now);
  }

  /** Tells apart those who may use the server: by their session, and by where they call from. */
  holderOf({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string {
    const session = headers.authorization === undefined ? cookieIn(headers.cookie ?? '') : '';
    return `${socket.remoteAddress ?? ''} ${session}`;
  }

  /** Whether this is the token. Takes the same time for every text. */
  isToken(text: string): boolean {
    return isSame(text, this.#token);
  }

  /** Set-Cookie for a person who has just shown the token. */
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

/** Compares digests: `timingSafeEqual` needs equal lengths, and the token's length must stay unknown. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function cookieIn(header: string): string {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? '';
}
