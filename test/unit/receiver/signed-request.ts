/** Builds a good request as the sender makes it, for tests to damage one part of. */
import { signatureHeaders } from '../../../signature/sign.ts';
import vector from '../../vectors/seed-call-completed.json';

export const SECRET = vector.secret;
export const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
export const PLAIN_SECRET = 'a secret of another form';
export const WEBHOOK_ID = vector['webhook-id'];
/** The vendor page's sample with the additive key that names the event. */
export const BODY = `${vector.body.slice(0, -1)},"event":"call.completed"}`;
/** 2021-02-25T15:02:10Z, the time of the golden vector. */
export const SENT_AT_SECONDS = 1614265330;

export type SignedRequest = { readonly body: string; readonly headers: Record<string, string> };

/** A request as node hands it over: header names in lower case. */
export function signedRequest(
  changes: { body?: string; current?: string; previous?: readonly string[]; sentAtSeconds?: number; id?: string } = {},
): SignedRequest {
  const { body = BODY, current = SECRET, previous = [], sentAtSeconds = SENT_AT_SECONDS, id = WEBHOOK_ID } = changes;
  const { headers } = signatureHeaders({
    webhookId: id,
    timestampSeconds: sentAtSeconds,
    body,
    secrets: { current, previous },
  });
  const lowerCased = Object.entries(headers).map(([name, value]: [string, string]) => [name.toLowerCase(), value]);
  return { body, headers: Object.fromEntries(lowerCased) };
}

/** A clock that stands `seconds` after the golden vector's time. */
export const secondsLater = (seconds: number) => (): number => (SENT_AT_SECONDS + seconds) * 1000;
