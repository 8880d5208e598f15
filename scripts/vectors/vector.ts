/** The shape of a signature vector, its two files, and how a signed request becomes one. Pure. */
import { signatureHeaders } from '../../signature/sign.ts';
import seed from '../../test/vectors/seed-call-completed.json';
import { SEED_BODY } from './bodies.ts';

/** Header names as they are sent. */
export type VectorHeaders = Readonly<Record<string, string>>;

export type Vector = {
  /** A sentence: what this request is. */
  readonly name: string;
  /** What the sender signed with; absent where no sender makes these headers. The test signs anew and compares. */
  readonly signer?: {
    readonly secrets: { readonly current: string; readonly previous: readonly string[] };
    readonly webhookId: string;
    readonly timestampSeconds: number;
  };
  /** Secrets the receiver holds; any of them may match. */
  readonly secrets: readonly string[];
  readonly headers: VectorHeaders;
  /** The request body as text, and its bytes. */
  readonly body: string;
  readonly bodyBase64: string;
  /** The receiver's clock, unix seconds, and its settings. */
  readonly now: number;
  readonly toleranceSeconds: number;
  readonly allowBodyOnlySignature: boolean;
  /** `code` as `verifyWebhook` gives it. */
  readonly expected:
    | { readonly verdict: 'accept'; readonly scheme: 'standard' | 'body-only' }
    | { readonly verdict: 'reject'; readonly code: string };
};

export const SECRET: string = seed.secret;
export const NEW_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
export const FOREIGN_SECRET = 'whsec_c3RyYW5nZXIgc3RyYW5nZXIgc3RyYW5nZXI=';
export const PLAIN_SECRET = 'gehëim, not of the standard form';
export const SENT_AT = Number(seed['webhook-timestamp']);

export const ACCEPT = { verdict: 'accept', scheme: 'standard' } as const;
export const ACCEPT_BODY_ONLY = { verdict: 'accept', scheme: 'body-only' } as const;
export const reject = (code: string) => ({ verdict: 'reject', code }) as const;

/** What a case changes of the plain one: the page's body, signed with the one secret, received a second later. */
export type Case = {
  readonly name: string;
  readonly expected: Vector['expected'];
  readonly body?: string;
  /** Sender's secrets: current, then previous. */
  readonly signedWith?: readonly [string, ...string[]];
  readonly secrets?: readonly string[];
  readonly now?: number;
  readonly toleranceSeconds?: number;
  readonly allowBodyOnlySignature?: boolean;
  /** Headers that do not arrive. */
  readonly without?: readonly string[];
  /** Headers and body that arrive otherwise than they were sent. */
  readonly damage?: (sent: VectorHeaders) => VectorHeaders;
  readonly arrives?: string;
};

/** The vector of one case, signed by the real signer. */
export function vectorOf(it: Case): Vector {
  const { body = SEED_BODY, signedWith = [SECRET], without = [], damage, arrives = body } = it;
  const [current, ...previous] = signedWith;
  const signer = { secrets: { current, previous }, webhookId: seed['webhook-id'], timestampSeconds: SENT_AT };
  const sent: VectorHeaders = signatureHeaders({ ...signer, body }).headers;
  const arrived = Object.entries(sent).filter(([name]) => !without.includes(name));
  const headers = Object.fromEntries(arrived);
  return {
    name: it.name,
    ...(damage === undefined && arrives === body ? { signer } : {}),
    secrets: it.secrets ?? [current],
    headers: damage?.(headers) ?? headers,
    body: arrives,
    bodyBase64: Buffer.from(arrives).toString('base64'),
    now: it.now ?? SENT_AT + 1,
    toleranceSeconds: it.toleranceSeconds ?? 300,
    allowBodyOnlySignature: it.allowBodyOnlySignature ?? false,
    expected: it.expected,
  };
}
