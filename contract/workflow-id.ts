/**
 * Workflow ids. They are made only from the call's or campaign's id, so a second report of a call starts nothing.
 * An id may be any text; here it becomes plain ASCII. Two ids never get the same workflow id. Pure.
 */
import { cleanText } from './canonical-json.ts';
import { sha256 } from './sha256.ts';

/** Longest id of a call, campaign, occurrence or account, in characters. */
export const MAX_ID_LENGTH = 200;

/** What an id may be, in words for error messages. */
export const ID_RULE = `a text of 1 to ${MAX_ID_LENGTH} characters`;

/** Whether `text` can be the id of a call, campaign, occurrence or account. */
export function isId(text: string): boolean {
  return text !== '' && text.length <= MAX_ID_LENGTH;
}

/** Workflow id of a call's webhook: `call-webhook/<call_id>`. Characters outside `A–Z a–z 0–9 . _ : -` are
 *  percent-encoded as UTF-8. If the whole would be longer than 255 characters, the end of the id becomes `~` and its
 *  SHA-256. */
export function callWorkflowId(callId: string): string {
  return bounded('call-webhook', [callId]);
}

/** Workflow id of a campaign event: `campaign-webhook/<campaign_id>/<event>[/<occurrence>]`, with ids as in
 *  `callWorkflowId`. */
export function campaignWorkflowId(campaignId: string, event: string, occurrence?: string): string {
  return bounded('campaign-webhook', [campaignId, event, ...(occurrence === undefined ? [] : [occurrence])]);
}

/** An id as workflow ids have it: plain ASCII without a slash. Messages show ids in this form, too. */
export function encodedId(id: string): string {
  // encodeURIComponent leaves !'()*~ as they are. Lone surrogates would make it throw; bodies have U+FFFD for them.
  return encodeURIComponent(cleanText(id))
    .replaceAll(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}

/** An id as search attributes have it: encoded, and shortened as in a workflow id. Servers escape quotes and control
 *  characters of a query, and then do not find them. */
export function searchableId(id: string): string {
  const encoded = encodedId(id);
  return encoded.length <= MAX_WORKFLOW_ID ? encoded : shortened(id);
}

/** Temporal takes ids up to 1,000 bytes. Its tables on PostgreSQL and MySQL have 255 characters. */
const MAX_WORKFLOW_ID = 255;
/** Two shortened ids, the longest event and the rest come to 237 characters. */
const MAX_PART = 100;
const HASH_LENGTH = 43;

function bounded(kind: string, ids: readonly string[]): string {
  const whole = [kind, ...ids.map(encodedId)].join('/');
  if (whole.length <= MAX_WORKFLOW_ID) return whole;
  return [kind, ...ids.map(shortened)].join('/');
}

/** The beginning of a long id, and the hash of all of it. `~` never stands in a whole one. */
function shortened(id: string): string {
  const encoded = encodedId(id);
  if (encoded.length <= MAX_PART) return encoded;
  const start = encoded.slice(0, MAX_PART - HASH_LENGTH - 1).replace(/%.?$/, '');
  return `${start}~${base64url(sha256(new TextEncoder().encode(cleanText(id))))}`;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
