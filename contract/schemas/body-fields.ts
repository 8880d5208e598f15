/**
 * Field schemas that several bodies share, with descriptions for receivers. The published JSON Schemas, the OpenAPI
 * document and the tables of docs/payload.md are made from them. They describe what `render-body.ts` makes. What the
 * engine may pass in stands in call-ended.ts and campaign-event.ts.
 */
import * as z from 'zod';
import { MAX_DATA_DEPTH, MAX_METADATA_BYTES, MAX_METADATA_KEYS, MAX_TEXT_LENGTH } from '../limits.ts';
import { MAX_ID_LENGTH } from '../workflow-id.ts';

/** An id: any text, as the engine has it. */
export const bodyIdSchema = z.string().min(1).max(MAX_ID_LENGTH);

/** A short text, never empty. */
export const bodyTextSchema = z.string().min(1).max(MAX_TEXT_LENGTH);

/** A count from 0 up. */
export const countSchema = z.int().min(0);

/** The form of a time, in words for descriptions. */
export const TIME_FORM = 'UTC, to the second, as `YYYY-MM-DDThh:mm:ssZ`';

/** A time in UTC, to the second: `YYYY-MM-DDThh:mm:ssZ`. */
export const bodyTimeSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)
  .meta({ format: 'date-time' });

/** The customer's own data, unchanged. `of`: what it was set on, `call` or `campaign`. */
export function bodyMetadataSchema(of: string) {
  return z.record(z.string(), z.unknown()).meta({
    description:
      `Free data that was set when the ${of} was created; \`{}\` if there is none. ` +
      `At most ${MAX_DATA_DEPTH} levels; normally at most ${MAX_METADATA_KEYS} keys and ` +
      `${MAX_METADATA_BYTES / 1_024} KiB as JSON.`,
    examples: [{ patient_id: 'pat_123', source: 'reminder_system' }],
  });
}
