/** Field schemas that several inputs share: ids, times, texts, numbers, metadata. Every message says what is
 *  allowed. */
import * as z from 'zod';
import { cleanText, dataProblems } from '../canonical-json.ts';
import { utf8Bytes } from '../byte-length.ts';
import { MAX_METADATA_BYTES, MAX_METADATA_KEYS, MAX_TEXT_LENGTH } from '../limits.ts';
import { looksLikeSecret } from '../secret-reference.ts';
import { ID_RULE, isId } from '../workflow-id.ts';

/** A required id, as workflow ids and search attributes have it: any text. */
export const idSchema = z
  .string()
  .refine(isId, { error: `must be ${ID_RULE}` })
  .transform(cleanText);

/** A required text. */
export const textSchema = z
  .string()
  .min(1, { error: 'must not be empty' })
  .max(MAX_TEXT_LENGTH, { error: `at most ${MAX_TEXT_LENGTH} characters` });

/** A reference to a signing secret. A value that looks like a secret is refused, because inputs stand in histories.
 *  */
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
