/** An ended call as the engine reports it: the engine's own call JSON, with webhook settings. The client checks it. */
import * as z from 'zod';
import { cleanText } from '../canonical-json.ts';
import { MAX_ERROR_MESSAGE_LENGTH } from '../limits.ts';
import { endpointSettingsSchema, furtherEndpointsSchema } from './webhook-config.ts';
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

/** Which artifacts the call should have. The run waits only for those. Default: all three. */
export const expectsSchema = z.object({
  recording: z.boolean().default(true),
  transcript: z.boolean().default(true),
  summary: z.boolean().default(true),
});
export type Expects = Readonly<z.output<typeof expectsSchema>>;

/** The ended call. Unknown fields are ignored, so the engine may pass its whole record. */
export const callEndedSchema = z.object({
  call_id: idSchema,
  /** Decides the event: call.completed or call.failed. */
  status: z.enum(['completed', 'failed']),
  phone_number: textSchema,
  from_phone_number: textSchema,
  /** Free text. If it is missing, the body has the value of `status`. */
  call_status: optionalTextSchema,
  /** Minutes. If it is missing, it is computed from started_at and end_at; without these it is 0. */
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
    // Carriers write these texts, so they are cleaned. Cutting may also split a character.
    .transform((text) =>
      text === undefined || text === null || text === '' ? null : cleanText(text.slice(0, MAX_ERROR_MESSAGE_LENGTH)),
    ),
  ...endpointSettingsSchema.shape,
  ...furtherEndpointsSchema.shape,
  account_id: optionalIdSchema,
  expects: expectsSchema.nullish().transform((expects) => expects ?? expectsSchema.parse({})),
});

/** What `callEnded` takes. */
export type CallEnded = z.input<typeof callEndedSchema>;
/** The checked call: every field is present and normalised. */
export type ParsedCall = z.output<typeof callEndedSchema>;

/** The part of a call from which the body is made. It is part of the workflow's input. */
export type CallData = Omit<
  ParsedCall,
  'webhook_url' | 'webhook_events' | 'secret_ref' | 'campaign' | 'endpoints' | 'expects'
>;
