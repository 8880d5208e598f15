/**
 * Repairs a call that has ended: what can be read is sent, and each change is told. Only a call without an id, or
 * with a status that nobody can read, cannot be sent. Endpoint settings pass as they came: each endpoint is judged
 * alone. Pure.
 */
import type { EndpointRefusal } from '../endpoints.ts';
import type { CallData, Expects } from '../event-data.ts';
import { given } from '../given.ts';
import { MAX_ERROR_MESSAGE_LENGTH } from '../limits.ts';
import { accountOf } from './account.ts';
import { metadataOf } from './data.ts';
import { minutesOf } from './numbers.ts';
import { readFields, type RawFields } from './read-fields.ts';
import { RepairList, type Notice } from './repair-list.ts';
import { CALL_FIELDS } from '../reported-fields.ts';
import { notAnObject, promised, refusal, type Refused } from './promised.ts';
import { idOf, optionalIdOf, shownWord, textOf } from './texts.ts';
import { timeOf } from './times.ts';
import { expectsOf, STATUS_RULE, statusOf } from './words.ts';

/** Where the webhooks go. Read here, judged in contract/schemas/webhook-config.ts. */
const SETTINGS = ['webhook_url', 'webhook_events', 'secret_ref', 'campaign', 'endpoints'] as const;
/** Fields of the body that an engine's record may have, too. They come from the artifact source. */
const IGNORED = ['transcript', 'recording_url', 'call_summary', 'artifacts', 'event'] as const;

/** The settings of a call's endpoints, as they came. */
export type RawCallSettings = RawFields<(typeof SETTINGS)[number]>;

/** A repaired call, or why it cannot be sent. */
export type RepairedCall =
  | Refused
  | {
      readonly call: CallData;
      readonly expects: Expects;
      readonly settings: RawCallSettings;
      readonly notices: readonly Notice[];
      /** The account id came, but cannot be used. Endpoints without a `secret_ref` end refused for it. */
      readonly accountRefusal?: EndpointRefusal;
    };

/** Reads and repairs a reported call. It never throws, whatever came. */
export function repairCall(input: unknown): RepairedCall {
  const list = new RepairList();
  const raw = readFields(input, [...CALL_FIELDS, ...SETTINGS], IGNORED, list);
  if (raw === undefined) return notAnObject(input);
  const id = idOf(raw.call_id, 'call_id', list);
  const status = statusOf(raw.status, list);
  if ('problem' in id || status === undefined) {
    const refusals = [
      ...('problem' in id ? [refusal('call_id', id.problem, list)] : []),
      ...(status === undefined ? [refusal('status', `${shownWord(raw.status)}: ${STATUS_RULE}`, list)] : []),
    ];
    return { id: 'id' in id ? id.id : undefined, refusals };
  }
  const started_at = timeOf(raw.started_at, 'started_at', list);
  const end_at = timeOf(raw.end_at, 'end_at', list);
  const account = accountOf(raw.account_id, list);
  const { webhook_url, webhook_events, secret_ref, campaign, endpoints } = raw;
  return {
    call: {
      call_id: id.id,
      status: status.status,
      phone_number: promised(raw, 'phone_number', list, textOf),
      from_phone_number: promised(raw, 'from_phone_number', list, textOf),
      call_status: textOf(raw.call_status, 'call_status', list) ?? status.word ?? null,
      duration: minutesOf(raw.duration, started_at, end_at, list),
      answered_by: textOf(raw.answered_by, 'answered_by', list),
      campaign_id: optionalIdOf(raw.campaign_id, 'campaign_id', list),
      lead_id: textOf(raw.lead_id, 'lead_id', list),
      created_at: promised(raw, 'created_at', list, timeOf),
      started_at,
      end_at,
      metadata: metadataOf(raw.metadata, list),
      error_message: textOf(raw.error_message, 'error_message', list, {
        maxLength: MAX_ERROR_MESSAGE_LENGTH,
        asJson: true,
      }),
      account_id: account.id,
    },
    expects: expectsOf(raw.expects, list),
    settings: { webhook_url, webhook_events, secret_ref, campaign, endpoints },
    notices: list.notices,
    ...given({ accountRefusal: account.refusal }),
  };
}
