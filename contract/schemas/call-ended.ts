/** An ended call as the engine reports it: the engine's own call JSON, with its webhook settings. Checked in the client. */
import * as z from 'zod';
import { cleanText } from '../canonical-json.ts';
import { MAX_ENDPOINT_SETTINGS, MAX_ERROR_MESSAGE_LENGTH } from '../limits.ts';
import { endpointSettingsSchema } from './webhook-config.ts';
import {
  idSchema,
  metadataSchema,
  minutesSchema,
  optionalIdSchema,
  optionalTextSchema,
  optionalTimeSchema,
  textSchema,
  timeSchema,
} from './fields.ts';

/** Which artifacts the call should have; what is not expected is not waited for. */
export const expectsSchema = z.object({
  recording: z.boolean().default(true),
  transcript: z.boolean().default(true),
  summary: z.boolean().default(true),
});
export type Expects = Readonly<z.output<typeof expectsSchema>>;

/** The ended call. Unknown fields are passed over: the engine may hand in its whole record. */
export const callEndedSchema = z.object({
  call_id: idSchema,
  /** Decides the event: call.completed or call.failed. */
  status: z.enum(['completed', 'failed']),
  phone_number: textSchema,
  from_phone_number: textSchema,
  /** Free text; missing becomes the status. */
  call_status: optionalTextSchema,
  /** Minutes; missing is computed from started_at and end_at, or 0. */
  duration: minutesSchema,
  answered_by: optionalTextSchema,
  campaign_id: optionalIdSchema,
  lead_id: optionalTextSchema,
  created_at: timeSchema,
  started_at: optionalTimeSchema,
  end_at: optionalTimeSchema,
  metadata: metadataSchema,
  error_message: z
    .string()
    .nullish()
    // Cleaned: carriers write these, and a cut may split a character.
    .transform((text) =>
      text === undefined || text === null || text === '' ? null : cleanText(text.slice(0, MAX_ERROR_MESSAGE_LENGTH)),
    ),
  ...endpointSettingsSchema.shape,
  /** Settings of the call's campaign. */
  campaign: endpointSettingsSchema.nullish(),
  /** The account's endpoints. */
  endpoints: z
    .array(endpointSettingsSchema)
    // Those that are left when equal URLs have collapsed are counted later: MAX_ENDPOINTS.
    .max(MAX_ENDPOINT_SETTINGS, { error: `at most ${MAX_ENDPOINT_SETTINGS} entries` })
    .nullish(),
  account_id: optionalIdSchema,
  expects: expectsSchema.nullish().transform((expects) => expects ?? expectsSchema.parse({})),
});

/** What `callEnded` takes. */
export type CallEnded = z.input<typeof callEndedSchema>;
/** What it becomes: every field there, normalised. */
export type ParsedCall = z.output<typeof callEndedSchema>;

/** The part of a call that its body is made of; travels in the workflow's input. */
export type CallData = Omit<
  ParsedCall,
  'webhook_url' | 'webhook_events' | 'secret_ref' | 'campaign' | 'endpoints' | 'expects'
>;
