/** Field schemas that several inputs share: ids, times, texts, numbers, metadata. Every message says what is
 *  allowed. */
import * as z from 'zod';
import { dataProblems } from '../canonical-json.ts';
import { utf8Bytes } from '../byte-length.ts';
import { MAX_METADATA_BYTES, MAX_METADATA_KEYS, MAX_TEXT_LENGTH } from '../limits.ts';
import { looksLikeSecret } from '../secret-reference.ts';
import { wireTime, TIME_RULE } from '../wire-time.ts';
import { ID_PATTERN, ID_RULE } from '../workflow-id.ts';

/** A required id. It may stand in workflow ids and search attributes. */
export const idSchema = z.string().regex(ID_PATTERN, { error: `allowed are ${ID_RULE}` });

/** A required text. */
export const textSchema = z
  .string()
  .min(1, { error: 'must not be empty' })
  .max(MAX_TEXT_LENGTH, { error: `at most ${MAX_TEXT_LENGTH} characters` });

/** An optional text. Missing, null and `''` become null. */
export const optionalTextSchema = z
  .string()
  .max(MAX_TEXT_LENGTH, { error: `at most ${MAX_TEXT_LENGTH} characters` })
  .nullish()
  .transform((text) => (text === undefined || text === '' ? null : text));

/** An optional id. Missing, null and `''` become null. */
export const optionalIdSchema = z
  .union([z.literal(''), idSchema])
  .nullish()
  .transform((id) => (id === undefined || id === '' ? null : id));

/** A required time. It becomes `YYYY-MM-DDThh:mm:ssZ`. */
export const timeSchema = z.string().transform((text, context) => {
  const time = wireTime(text);
  if (time === undefined) context.addIssue({ code: 'custom', message: `must be ${TIME_RULE}` });
  return time ?? '';
});

/** An optional time, for example of a call that was never answered. Missing, null and `''` become null. */
export const optionalTimeSchema = z
  .union([z.literal(''), timeSchema])
  .nullish()
  .transform((time) => (time === undefined || time === '' ? null : time));

/** A reference to a signing secret. A value that looks like a secret is refused, because inputs stand in histories. */
export const secretRefSchema = textSchema.refine((ref) => !looksLikeSecret(ref), {
  error: 'is a secret; pass a reference to it, which SigningSecrets.forEndpoint resolves',
});

/** Free data of the customer: a plain object in the canonical form, within the limits. Missing and null become
 *  `{}`. */
export const metadataSchema = z
  .unknown()
  .optional()
  .transform((value, context): Record<string, unknown> => {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      context.addIssue({ code: 'custom', message: 'must be a plain object' });
      return {};
    }
    const problems = dataProblems(value, ['metadata']);
    for (const { path, kind, rule } of problems) {
      context.addIssue({ code: 'custom', path: path.slice(1), message: rule, params: { kind } });
    }
    if (problems.length > 0) return {};
    const keys = Object.keys(value).length;
    if (keys > MAX_METADATA_KEYS) {
      context.addIssue({
        code: 'custom',
        message: `at most ${MAX_METADATA_KEYS} are allowed`,
        params: { kind: `an object of ${keys} keys` },
      });
    }
    const text = JSON.stringify(value);
    const bytes = utf8Bytes(text);
    if (bytes > MAX_METADATA_BYTES) {
      context.addIssue({
        code: 'custom',
        message: `at most ${MAX_METADATA_BYTES} are allowed`,
        params: { kind: `an object of ${bytes} bytes as JSON` },
      });
    }
    // A copy, so that later changes by the caller do not change the call.
    return JSON.parse(text) as Record<string, unknown>;
  });

/** An optional duration in minutes, rounded to 4 decimals. 10:30:05 to 10:32:35 is 2.5. Source: the vendor's page. */
// optional(): without it, zod refuses a call without the field.
export const minutesSchema = z
  .unknown()
  .optional()
  .transform((value, context): number | null => {
    if (value === undefined || value === null) return null;
    const ok = typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER && !Object.is(value, -0);
    if (!ok) {
      context.addIssue({ code: 'custom', message: 'must be minutes, a number from 0 up' });
      return null;
    }
    if (Number.isInteger(value)) return value;
    const rounded = Math.round(value * 1e4) / 1e4;
    const problem = dataProblems(rounded)[0];
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem.rule });
    return rounded;
  });
