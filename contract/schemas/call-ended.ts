/** An ended call as the engine reports it: the engine's own call JSON, with webhook settings. The client reads it. */
import * as z from 'zod';
import type { CallData, Expects } from '../event-data.ts';
import { repairCall, type RawCallSettings, type RepairedCall } from '../repairs/call.ts';
import { encodedId } from '../workflow-id.ts';
import { InvalidInputError, unlessRefused } from './invalid-input.ts';
import type { CallSettings } from './webhook-config.ts';

export type { CallData, Expects } from '../event-data.ts';

/** What `callEnded` takes. Unknown fields are ignored, so the engine may pass its whole record.
 *
 *  The types say what is right. What is wrong but readable is repaired and sent, with a warning: a Date, unix time, a
 *  number as text. Only `call_id` and a readable `status` are required. */
export type CallEnded = CallSettings & {
  /** Any text of 1 to 200 characters, unique across all accounts. A call has one webhook, however often it is
   *  reported. */
  readonly call_id: string;
  /** Decides the event: `call.completed` or `call.failed`. */
  readonly status: 'completed' | 'failed';
  /** Number that was called, at most 1,024 characters. Null if it is not known. */
  readonly phone_number: string | null;
  /** Number it was called from, at most 1,024 characters. Null if it is not known. */
  readonly from_phone_number: string | null;
  /** The finer status in the words of the telephony side, such as `no-answer`. Free text, at most 1,024 characters.
   *  If it is missing, the body has the value of `status`. */
  readonly call_status?: string | null | undefined;
  /** Length of the call in minutes: 2.5 is 2 min 30 s. It is rounded to 4 decimals. If it is missing, it is computed
   *  from `started_at` and `end_at`; without these it is 0. */
  readonly duration?: number | null | undefined;
  /** Who or what answered, such as `human` or `voicemail`. Free text, at most 1,024 characters. */
  readonly answered_by?: string | null | undefined;
  /** Id of the campaign: 1 to 200 characters. It becomes a search attribute. */
  readonly campaign_id?: string | null | undefined;
  /** Id of the lead: at most 1,024 characters. */
  readonly lead_id?: string | null | undefined;
  /** When the call was ordered: ISO 8601 with `Z` or an offset. Fractions of a second are cut off. */
  readonly created_at: string | null;
  /** When the call began: ISO 8601 with `Z` or an offset. */
  readonly started_at?: string | null | undefined;
  /** When the call ended: ISO 8601 with `Z` or an offset. */
  readonly end_at?: string | null | undefined;
  /** The customer's own data: a plain object. Receivers are promised at most 50 keys, 16 KiB as JSON and 20 levels.
   *  */
  readonly metadata?: unknown;
  /** Why the call failed, in the carrier's words. At most 8,192 characters are sent, and only on `call.failed`. */
  readonly error_message?: string | null | undefined;
  /** Id of the account: 1 to 200 characters. It is the default `secret_ref`, the key for fairness and a search
   *  attribute. */
  readonly account_id?: string | null | undefined;
  /** Which artifacts the call should have. The run waits only for those. Default: all three. */
  readonly expects?: { readonly [Artifact in keyof Expects]?: boolean | undefined } | null | undefined;
};

/** A call that was read: its data, repaired, what was changed about it, and the settings of its endpoints as they
 *  came. */
export type ReadCall = Exclude<RepairedCall, { readonly refusals: unknown }>;

/** Reads a reported call. Throws `InvalidInputError` if it has no id, or no status that can be read. */
export function readCallEnded(input: unknown): ReadCall {
  return unlessRefused<ReadCall>(repairCall(input), (id) =>
    id === undefined ? 'ended call' : `ended call ${encodedId(id)}`,
  );
}

/** The checked call: every field is present and repaired. The settings of its endpoints are as they came. */
export type ParsedCall = CallData & { readonly expects: Expects } & RawCallSettings;

/** The ended call as a zod schema, with the same repairs as `callEnded` makes. It tells no repair. */
export const callEndedSchema = z
  .custom<CallEnded>(() => true)
  .transform((input, context): ParsedCall => {
    try {
      const { call, expects, settings } = readCallEnded(input);
      return { ...call, expects, ...settings };
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      for (const { field, problem } of error.problems) {
        context.addIssue({ code: 'custom', path: [field], message: problem });
      }
      return z.NEVER;
    }
  });
